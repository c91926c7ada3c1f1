//! Where the dialects of SQL differ, as far as the query needs it.

/// An engine's dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `DuckDB`.
    DuckDb,
    /// `PostgreSQL`.
    Postgres,
    /// Apache Spark.
    Spark,
}

impl Dialect {
    /// All dialects.
    pub const ALL: [Self; 3] = [Self::DuckDb, Self::Postgres, Self::Spark];

    /// The name used on the command line, e.g. `duckdb`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DuckDb => "duckdb",
            Self::Postgres => "postgres",
            Self::Spark => "spark",
        }
    }

    /// The type of double-precision numbers.
    pub(super) fn double(self) -> &'static str {
        match self {
            Self::DuckDb | Self::Spark => "DOUBLE",
            Self::Postgres => "DOUBLE PRECISION",
        }
    }

    /// The type of text.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::DuckDb | Self::Postgres => "TEXT",
            Self::Spark => "STRING",
        }
    }

    /// What lets a common table expression be computed once; Spark does not merge what would be repeated.
    pub(super) fn once(self) -> &'static str {
        match self {
            Self::DuckDb | Self::Postgres => "MATERIALIZED ",
            Self::Spark => "",
        }
    }

    /// A text as a literal.
    pub(super) fn literal(self, text: &str) -> String {
        match self {
            Self::DuckDb | Self::Postgres => format!("'{}'", text.replace('\'', "''")),
            // Spark reads backslashes as escapes and takes two literals side by side for one.
            Self::Spark => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
        }
    }

    /// A name in quotes.
    pub(super) fn quoted(self, name: &str) -> String {
        match self {
            Self::DuckDb | Self::Postgres => format!("\"{}\"", name.replace('"', "\"\"")),
            Self::Spark => format!("`{}`", name.replace('`', "``")),
        }
    }
}

/// A number as a literal that all three engines read as the same double: the shortest text that stands for
/// it, with an exponent, because numbers without one are decimals to `DuckDB` and Spark.
pub(super) fn number(number: f64) -> String {
    format!("{number}e0")
}

/// Where the engine finds the exported tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// Tables or views in this schema; of these names where empty.
    Schema(Vec<String>),
    /// Parquet files in this folder.
    Folder(String),
}

/// A place of tables that the query cannot name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TablesError {
    /// Files in an engine that reads tables only.
    #[error("{} reads no Parquet files: load them into tables and give their schema (found \"{found}\", expected e.g. \"survey\")", .dialect.as_str())]
    Files {
        /// The engine.
        dialect: Dialect,
        /// What was given.
        found: String,
    },
    /// Neither a schema nor a folder.
    #[error(
        "\"{found}\" is neither a schema (letters, digits and _, parts separated by points) nor a folder (with a /, e.g. \"./export\")"
    )]
    Place {
        /// What was given.
        found: String,
    },
}

impl Tables {
    /// Tables of the names of the export.
    pub fn named() -> Self {
        Self { place: Place::Schema(Vec::new()) }
    }

    /// Tables in a schema (`survey`, `catalog.survey`), or Parquet files in a folder (anything with a `/`).
    pub fn at(dialect: Dialect, place: &str) -> Result<Self, TablesError> {
        if place.contains('/') {
            if dialect == Dialect::Postgres {
                return Err(TablesError::Files { dialect, found: place.to_owned() });
            }
            return Ok(Self { place: Place::Folder(place.trim_end_matches('/').to_owned()) });
        }
        let parts: Vec<String> = place.trim_end_matches('.').split('.').map(str::to_owned).collect();
        let is_name =
            |part: &String| !part.is_empty() && part.chars().all(|c| c == '_' || c.is_alphanumeric());
        if parts.iter().all(is_name) {
            return Ok(Self { place: Place::Schema(parts) });
        }
        Err(TablesError::Place { found: place.to_owned() })
    }

    /// The table of that name, as it stands after `FROM`.
    pub(super) fn table(&self, dialect: Dialect, name: &str) -> String {
        match &self.place {
            Place::Schema(parts) if parts.is_empty() => name.to_owned(),
            Place::Schema(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| dialect.quoted(part)).collect();
                format!("{}.{name}", parts.join("."))
            }
            Place::Folder(folder) => {
                let path = format!("{folder}/{name}.parquet");
                match dialect {
                    Dialect::Spark => format!("parquet.{}", dialect.quoted(&path)),
                    Dialect::DuckDb | Dialect::Postgres => {
                        format!("read_parquet({})", dialect.literal(&path))
                    }
                }
            }
        }
    }
}
