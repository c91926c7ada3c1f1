//! Tables as Parquet: typed columns, the text as it is, one row group for every million rows.

use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::types::{Type as Node, TypePtr};

use super::table::{Column, Table, Type, Value};

/// Rows in a row group: few enough for one to fit into memory, many enough to be read at one go.
const ROW_GROUP: usize = 1 << 20;

/// The table as a Parquet file; equal tables give equal bytes.
pub(super) fn bytes(table: &Table) -> Result<Vec<u8>, ParquetError> {
    let properties = WriterProperties::builder()
        .set_created_by(concat!("gtmi ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::SNAPPY)
        .build();
    let mut out = Vec::new();
    let mut file = SerializedFileWriter::new(&mut out, schema(table)?, Arc::new(properties))?;
    for rows in table.rows.chunks(ROW_GROUP) {
        let mut group = file.next_row_group()?;
        for (at, column) in table.definition.columns.iter().enumerate() {
            let Some(writer) = group.next_column()? else { break };
            write(writer, column, rows.iter().filter_map(|row| row.get(at)))?;
        }
        group.close()?;
    }
    file.close()?;
    Ok(out)
}

fn schema(table: &Table) -> Result<TypePtr, ParquetError> {
    let fields = table.definition.columns.iter().map(|column| {
        let (physical, logical) = match column.kind {
            Type::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Type::Integer => (Physical::INT64, None),
            Type::Number => (Physical::DOUBLE, None),
            Type::Boolean => (Physical::BOOLEAN, None),
            Type::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
        };
        let repetition = if column.required { Repetition::REQUIRED } else { Repetition::OPTIONAL };
        Node::primitive_type_builder(&column.name, physical)
            .with_logical_type(logical)
            .with_repetition(repetition)
            .build()
            .map(Arc::new)
    });
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    Node::group_type_builder(table.definition.name).with_fields(fields).build().map(Arc::new)
}

fn write<'a>(
    writer: SerializedColumnWriter<'_>,
    column: &Column,
    values: impl Iterator<Item = &'a Value>,
) -> Result<(), ParquetError> {
    match column.kind {
        Type::Text => typed::<ByteArrayType>(writer, column, values, |value| match value {
            Value::Text(text) => text.as_deref().map(ByteArray::from),
            _ => None,
        }),
        Type::Integer => typed::<Int64Type>(writer, column, values, |value| match value {
            Value::Integer(number) => *number,
            _ => None,
        }),
        Type::Number => typed::<DoubleType>(writer, column, values, |value| match value {
            Value::Number(number) => *number,
            _ => None,
        }),
        Type::Boolean => typed::<BoolType>(writer, column, values, |value| match value {
            Value::Boolean(boolean) => *boolean,
            _ => None,
        }),
        Type::Time => typed::<Int64Type>(writer, column, values, |value| match value {
            Value::Time(time) => time.map(jiff::Timestamp::as_microsecond),
            _ => None,
        }),
    }
}

/// Writes one column: the values that there are, and for an optional column which rows have one.
fn typed<'a, T: DataType>(
    mut writer: SerializedColumnWriter<'_>,
    column: &Column,
    values: impl Iterator<Item = &'a Value>,
    value: impl Fn(&Value) -> Option<T::T>,
) -> Result<(), ParquetError> {
    let (mut present, mut levels) = (Vec::new(), Vec::new());
    for value in values.map(value) {
        levels.push(i16::from(value.is_some()));
        present.extend(value);
    }
    if column.required && present.len() < levels.len() {
        return Err(ParquetError::General(format!("a row has no value in column {}", column.name)));
    }
    let levels = if column.required { None } else { Some(levels.as_slice()) };
    writer.typed::<T>().write_batch(&present, levels, None)?;
    writer.close()
}
