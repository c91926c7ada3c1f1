//! What a table is: its columns with meaning and type, and the order of its rows.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::Timestamp;

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Text,
    Integer,
    Number,
    Boolean,
    /// An instant, UTC.
    Time,
}

/// One column.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: Cow<'static, str>,
    pub(crate) kind: Type,
    pub(crate) meaning: Cow<'static, str>,
    /// Whether every row has a value.
    pub(crate) required: bool,
    /// The only values that there are; empty where any value may stand.
    pub(crate) values: Vec<&'static str>,
}

impl Column {
    const fn new(name: &'static str, kind: Type, meaning: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            kind,
            meaning: Cow::Borrowed(meaning),
            required: false,
            values: Vec::new(),
        }
    }

    pub(crate) const fn text(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, Type::Text, meaning)
    }

    pub(crate) const fn integer(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, Type::Integer, meaning)
    }

    pub(crate) const fn number(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, Type::Number, meaning)
    }

    pub(crate) const fn boolean(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, Type::Boolean, meaning)
    }

    pub(crate) const fn time(name: &'static str, meaning: &'static str) -> Self {
        Self::new(name, Type::Time, meaning)
    }

    /// A number whose name and meaning come from the framework.
    pub(crate) fn named_number(name: String, meaning: String) -> Self {
        Self { name: Cow::Owned(name), meaning: Cow::Owned(meaning), ..Self::number("", "") }
    }

    /// Every row has a value.
    pub(crate) fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// There are no other values than these.
    pub(crate) fn one_of(self, values: &[&'static str]) -> Self {
        Self { values: values.to_vec(), ..self }
    }
}

/// Values of some columns that stand in another table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reference {
    pub(crate) columns: &'static [&'static str],
    pub(crate) table: &'static str,
    pub(crate) table_columns: &'static [&'static str],
}

/// What a table is, whatever its rows are. CSV, Parquet, the Data Package and its documentation follow from
/// this one definition.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) columns: Vec<Column>,
    /// The columns that rows are ordered by.
    pub(crate) order: &'static [&'static str],
    /// Whether these columns also tell all rows apart.
    pub(crate) unique: bool,
    pub(crate) references: &'static [Reference],
}

impl Definition {
    /// Brings rows into the order that the definition promises; rows with equal keys keep theirs.
    pub(crate) fn order_rows(&self, rows: &mut [Row<'_>]) {
        let at = |name: &&str| self.columns.iter().position(|column| column.name == **name);
        let key: Vec<usize> = self.order.iter().filter_map(at).collect();
        rows.sort_by(|left, right| {
            let by_column = |at: &usize| match (left.get(*at), right.get(*at)) {
                (Some(left), Some(right)) => left.order(right),
                _ => Ordering::Equal,
            };
            key.iter().map(by_column).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        });
    }
}

/// One row: a value for each column.
pub(crate) type Row<'r> = Vec<Value<'r>>;

/// One value; `None` everywhere means missing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'r> {
    Text(Option<Cow<'r, str>>),
    Integer(Option<i64>),
    Number(Option<f64>),
    Boolean(Option<bool>),
    Time(Option<Timestamp>),
}

impl<'r> Value<'r> {
    pub(crate) fn text(text: impl Into<Cow<'r, str>>) -> Self {
        Self::Text(Some(text.into()))
    }

    /// A text that there may be.
    pub(crate) fn maybe(text: Option<impl Into<Cow<'r, str>>>) -> Self {
        Self::Text(text.map(Into::into))
    }

    /// A text that there may be; an empty one is none.
    pub(crate) fn filled(text: impl Into<Cow<'r, str>>) -> Self {
        Self::Text(Some(text.into()).filter(|text| !text.is_empty()))
    }

    /// Something that there may be, as it is displayed.
    pub(crate) fn shown(value: Option<impl ToString>) -> Self {
        Self::Text(value.map(|value| Cow::Owned(value.to_string())))
    }

    pub(crate) fn integer(number: impl Into<i64>) -> Self {
        Self::Integer(Some(number.into()))
    }

    /// A place in an order, counted from 1.
    pub(crate) fn position(index: usize) -> Self {
        Self::Integer(i64::try_from(index).ok().and_then(|index| index.checked_add(1)))
    }

    pub(crate) fn number(number: f64) -> Self {
        Self::Number(Some(number))
    }

    /// The value by itself, whatever it was taken from.
    pub(crate) fn into_owned(self) -> Value<'static> {
        match self {
            Self::Text(text) => Value::Text(text.map(|text| Cow::Owned(text.into_owned()))),
            Self::Integer(number) => Value::Integer(number),
            Self::Number(number) => Value::Number(number),
            Self::Boolean(boolean) => Value::Boolean(boolean),
            Self::Time(time) => Value::Time(time),
        }
    }

    /// Missing first; texts by their bytes, so that the order does not depend on a language.
    fn order(&self, other: &Value<'_>) -> Ordering {
        match (self, other) {
            (Self::Text(left), Value::Text(right)) => left.as_deref().cmp(&right.as_deref()),
            (Self::Integer(left), Value::Integer(right)) => left.cmp(right),
            (Self::Boolean(left), Value::Boolean(right)) => left.cmp(right),
            (Self::Time(left), Value::Time(right)) => left.cmp(right),
            (Self::Number(left), Value::Number(right)) => match (left, right) {
                (Some(left), Some(right)) => left.total_cmp(right),
                _ => left.is_some().cmp(&right.is_some()),
            },
            _ => Ordering::Equal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_in_the_order_of_their_key_missing_first() {
        let definition = Definition {
            name: "t",
            title: "T",
            columns: vec![Column::number("score", ""), Column::text("id", ""), Column::integer("wave", "")],
            order: &["wave", "id"],
            unique: true,
            references: &[],
        };
        let row = |wave: i64, id: Option<&'static str>| {
            vec![Value::Number(None), Value::maybe(id), Value::integer(wave)]
        };
        let mut rows = [row(2022, Some("b")), row(2022, Some("B")), row(2020, Some("z")), row(2022, None)];
        definition.order_rows(&mut rows);
        assert_eq!(rows, [row(2020, Some("z")), row(2022, None), row(2022, Some("B")), row(2022, Some("b"))]);
    }
}
