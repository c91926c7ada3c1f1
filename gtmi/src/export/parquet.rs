//! Tables as Parquet: typed columns, the text as it is.
//!
//! Rows gather by column until they fill a row group, so that the memory of a table does not grow with its rows.

use std::io::Write;
use std::mem;
use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::types::{Type as Node, TypePtr};
use bytes::Bytes;

use super::table::{Definition, Row, Type, Value};

/// A row group ends when its values take so many bytes, which a table holds until then: few enough for all tables to
/// have theirs at a time, many enough to be read at one go.
const GROUP: usize = 8 << 20;

/// A Parquet file that rows are added to; equal rows give equal bytes, however they come.
pub(super) struct Columns<W: Write + Send> {
    file: SerializedFileWriter<W>,
    gathered: Vec<Column>,
    /// The bytes of the row group that gathers.
    size: usize,
}

/// One column of the row group that gathers.
struct Column {
    name: String,
    required: bool,
    /// For each row, whether it has a value.
    present: Vec<i16>,
    values: Values,
}

/// The values that there are.
enum Values {
    /// All texts one after the other, and where each ends.
    Text {
        text: String,
        ends: Vec<usize>,
    },
    Integers(Vec<i64>),
    Numbers(Vec<f64>),
    Booleans(Vec<bool>),
}

impl Values {
    /// Adds a value; gives how many bytes it takes, or nothing where there is none.
    fn add(&mut self, value: &Value<'_>) -> Option<usize> {
        match (self, value) {
            (Self::Text { text, ends }, Value::Text(Some(value))) => {
                text.push_str(value);
                ends.push(text.len());
                Some(value.len() + size_of::<usize>())
            }
            (Self::Integers(all), Value::Integer(Some(number))) => {
                all.push(*number);
                Some(size_of::<i64>())
            }
            (Self::Integers(all), Value::Time(Some(time))) => {
                all.push(time.as_microsecond());
                Some(size_of::<i64>())
            }
            (Self::Numbers(all), Value::Number(Some(number))) => {
                all.push(*number);
                Some(size_of::<f64>())
            }
            (Self::Booleans(all), Value::Boolean(Some(boolean))) => {
                all.push(*boolean);
                Some(size_of::<bool>())
            }
            _ => None,
        }
    }
}

impl<W: Write + Send> Columns<W> {
    /// Begins a file.
    pub(super) fn begin(file: W, definition: &Definition) -> Result<Self, ParquetError> {
        let properties = WriterProperties::builder()
            .set_created_by(concat!("gtmi ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::SNAPPY)
            .build();
        let columns = definition.columns.iter().map(|column| Column {
            name: column.name.clone().into_owned(),
            required: column.required,
            present: Vec::new(),
            values: match column.kind {
                Type::Text => Values::Text { text: String::new(), ends: Vec::new() },
                Type::Integer | Type::Time => Values::Integers(Vec::new()),
                Type::Number => Values::Numbers(Vec::new()),
                Type::Boolean => Values::Booleans(Vec::new()),
            },
        });
        Ok(Self {
            gathered: columns.collect(),
            file: SerializedFileWriter::new(file, schema(definition)?, Arc::new(properties))?,
            size: 0,
        })
    }

    /// Adds rows.
    pub(super) fn add(&mut self, rows: &[Row<'_>]) -> Result<(), ParquetError> {
        for row in rows {
            for (column, value) in self.gathered.iter_mut().zip(row) {
                self.size += column.add(value)?;
            }
            if self.size >= GROUP {
                self.write_group()?;
            }
        }
        Ok(())
    }

    /// How many bytes the row group takes that gathers.
    pub(super) fn gathered(&self) -> usize {
        self.size
    }

    /// Ends the row group that gathers.
    pub(super) fn write_group(&mut self) -> Result<(), ParquetError> {
        if self.size == 0 {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        for column in &mut self.gathered {
            let Some(writer) = group.next_column()? else { break };
            column.write(writer)?;
        }
        group.close()?;
        self.size = 0;
        Ok(())
    }

    /// The file.
    pub(super) fn file(&self) -> &W {
        self.file.inner()
    }

    /// The finished file.
    pub(super) fn finish(mut self) -> Result<W, ParquetError> {
        self.write_group()?;
        self.file.into_inner()
    }
}

impl Column {
    /// Adds a value, if it is one; gives how many bytes it takes.
    fn add(&mut self, value: &Value<'_>) -> Result<usize, ParquetError> {
        let size = self.values.add(value);
        if self.required && size.is_none() {
            return Err(ParquetError::General(format!("a row has no value in column {}", self.name)));
        }
        self.present.push(i16::from(size.is_some()));
        Ok(size.unwrap_or(0) + size_of::<i16>())
    }

    /// Writes what gathered: the values that there are, and for an optional column which rows have one.
    fn write(&mut self, mut writer: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let present = if self.required { None } else { Some(self.present.as_slice()) };
        match &mut self.values {
            Values::Text { text, ends } => {
                let text = Bytes::from(mem::take(text));
                let mut from = 0;
                let slice = |end| ByteArray::from(text.slice(mem::replace(&mut from, end)..end));
                let texts: Vec<ByteArray> = ends.drain(..).map(slice).collect();
                put::<ByteArrayType>(&mut writer, &texts, present)?;
            }
            Values::Integers(all) => put::<Int64Type>(&mut writer, &mem::take(all), present)?,
            Values::Numbers(all) => put::<DoubleType>(&mut writer, &mem::take(all), present)?,
            Values::Booleans(all) => put::<BoolType>(&mut writer, &mem::take(all), present)?,
        }
        self.present.clear();
        writer.close()
    }
}

fn put<T: DataType>(
    writer: &mut SerializedColumnWriter<'_>,
    values: &[T::T],
    present: Option<&[i16]>,
) -> Result<(), ParquetError> {
    writer.typed::<T>().write_batch(values, present, None).map(drop)
}

fn schema(definition: &Definition) -> Result<TypePtr, ParquetError> {
    let fields = definition.columns.iter().map(|column| {
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
    Node::group_type_builder(definition.name).with_fields(fields).build().map(Arc::new)
}

#[cfg(test)]
mod tests {
    use ::parquet::file::metadata::RowGroupMetaData;
    use ::parquet::file::reader::{FileReader, SerializedFileReader};

    use super::super::table::Column as Defined;
    use super::*;

    fn definition() -> Definition {
        Definition {
            name: "t",
            title: "T",
            columns: vec![Defined::text("id", "").required(), Defined::text("text", "")],
            order: &["id"],
            unique: true,
            references: &[],
        }
    }

    fn file(groups: &[&[Row<'_>]]) -> Vec<u8> {
        let mut columns = Columns::begin(Vec::new(), &definition()).unwrap();
        groups.iter().try_for_each(|rows| columns.add(rows)).unwrap();
        columns.finish().unwrap()
    }

    #[test]
    fn a_row_group_ends_when_it_is_full_whatever_rows_came_together() {
        let long = "x".repeat(GROUP / 3);
        let rows: Vec<Row<'_>> = (0..8)
            .map(|at| vec![Value::shown(Some(at)), Value::maybe((at != 5).then_some(long.as_str()))])
            .collect();
        let whole = file(&[&rows]);
        assert!(whole == file(&[&rows[..1], &rows[1..4], &[], &rows[4..]]));
        let read = SerializedFileReader::new(Bytes::from(whole)).unwrap();
        // Three texts fill a group together with what else the rows have; one of the eight is missing.
        let of_group = read.metadata().row_groups().iter().map(RowGroupMetaData::num_rows);
        assert_eq!(of_group.collect::<Vec<_>>(), [3, 4, 1]);
        let texts = read.get_row_iter(None).unwrap().map(|row| {
            let row = row.unwrap();
            row.get_column_iter().map(|(_, field)| field.to_string().len()).collect::<Vec<_>>()
        });
        let quoted = long.len() + 2;
        let expected: Vec<_> = (0..8).map(|at| vec![3, if at == 5 { 4 } else { quoted }]).collect();
        assert_eq!(texts.collect::<Vec<_>>(), expected, "what is missing is null");
    }

    #[test]
    fn a_column_that_always_has_a_value_is_told_where_it_has_none() {
        let mut columns = Columns::begin(Vec::new(), &definition()).unwrap();
        let error = columns.add(&[vec![Value::Text(None), Value::text("x")]]).unwrap_err();
        assert!(error.to_string().contains("a row has no value in column id"), "{error}");
    }
}
