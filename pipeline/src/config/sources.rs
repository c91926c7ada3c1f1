//! The sections `[[source]]`: where submissions come from.

use std::ops::Range;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use serde::Deserialize;
use toml::Spanned;

use super::{ConfigError, Located};

/// One place that submissions come from.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name in logs, tables and the store.
    pub name: String,
    /// What it is.
    pub kind: SourceKind,
}

/// The kinds of sources.
#[derive(Debug, Clone)]
pub enum SourceKind {
    /// Files in a folder and its subfolders.
    Directory {
        /// The folder.
        path: PathBuf,
        /// Which files, by their path below the folder.
        include: GlobSet,
    },
    /// Files on web servers.
    Https(HttpsSource),
    /// A form on an ODK Central server.
    Odk(OdkSource),
    /// A form on a `KoboToolbox` server.
    Kobo(KoboSource),
    /// Reference figures of the World Bank; they are no submissions.
    WorldBank(WorldBankSource),
}

/// Files on web servers: each address, and each workbook that a listing names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpsSource {
    /// Addresses of workbooks.
    pub urls: Vec<String>,
    /// The address of a page or JSON document that names workbooks.
    pub listing: Option<String>,
    /// The value of the header `Authorization`, if the server wants one.
    pub authorization: Option<SecretPlace>,
    /// How to reach the servers.
    pub web: Web,
}

/// A form on an ODK Central server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OdkSource {
    /// The server's address, e.g. `https://odk.ministry.example`.
    pub url: String,
    /// The project's number.
    pub project: u32,
    /// The form's id.
    pub form: String,
    /// The account's e-mail address.
    pub email: String,
    /// The account's password.
    pub password: SecretPlace,
    /// Whether workbooks that are attached to submissions are taken in.
    pub attachments: bool,
    /// How to reach the server.
    pub web: Web,
}

/// A form on a `KoboToolbox` server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KoboSource {
    /// The server's address, e.g. `https://kf.kobotoolbox.org`.
    pub url: String,
    /// The form's uid.
    pub asset: String,
    /// The account's token.
    pub token: SecretPlace,
    /// Whether workbooks that are attached to submissions are taken in.
    pub attachments: bool,
    /// How to reach the server.
    pub web: Web,
}

/// Reference figures of the World Bank, kept as dated files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorldBankSource {
    /// The address of the country API.
    pub url: String,
    /// The address of Data360.
    pub data_url: String,
    /// The folder of the files.
    pub folder: PathBuf,
    /// Whether regions and income groups are fetched.
    pub classification: bool,
    /// The indicators whose values are fetched.
    pub indicators: Vec<WorldBankIndicator>,
    /// How to reach the servers.
    pub web: Web,
}

/// An indicator of Data360.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldBankIndicator {
    /// The id of its database, e.g. `UN_EGDI`.
    pub database: String,
    /// Its id, e.g. `UN_EGDI_TII`.
    pub indicator: String,
}

/// Where a secret is found; never in the configuration itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretPlace {
    /// In the environment variable of that name.
    Environment(String),
    /// In a file.
    File(PathBuf),
}

/// How servers may be reached.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Web {
    /// Hosts that may be asked beside those of the source's own addresses.
    pub hosts: Vec<String>,
    /// Whether plain http is accepted.
    pub allow_http: bool,
    /// Whether addresses that are not public are accepted.
    pub allow_private: bool,
}

/// A section as it is written. Which keys a kind has is checked by [`SourceTable::kind`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceTable {
    pub(super) name: Spanned<String>,
    kind: Spanned<KindName>,
    path: Option<Spanned<PathBuf>>,
    include: Option<Vec<Spanned<String>>>,
    urls: Option<Vec<Spanned<String>>>,
    listing: Option<Spanned<String>>,
    url: Option<Spanned<String>>,
    project: Option<Spanned<u32>>,
    form: Option<Spanned<String>>,
    asset: Option<Spanned<String>>,
    email: Option<Spanned<String>>,
    secret_env: Option<Spanned<String>>,
    secret_file: Option<Spanned<PathBuf>>,
    attachments: Option<Spanned<bool>>,
    data_url: Option<Spanned<String>>,
    folder: Option<Spanned<PathBuf>>,
    classification: Option<Spanned<bool>>,
    indicators: Option<Spanned<Vec<WorldBankIndicator>>>,
    allow_hosts: Option<Spanned<Vec<String>>>,
    allow_http: Option<Spanned<bool>>,
    allow_private: Option<Spanned<bool>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KindName {
    Directory,
    Https,
    Odk,
    Kobo,
    WorldBank,
}

impl KindName {
    fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Https => "https",
            Self::Odk => "odk",
            Self::Kobo => "kobo",
            Self::WorldBank => "worldbank",
        }
    }

    /// The keys that the kind knows beside `name` and `kind`.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Directory => &["path", "include"],
            Self::Https => &[
                "urls",
                "listing",
                "secret_env",
                "secret_file",
                "allow_hosts",
                "allow_http",
                "allow_private",
            ],
            Self::Odk => &[
                "url",
                "project",
                "form",
                "email",
                "secret_env",
                "secret_file",
                "attachments",
                "allow_hosts",
                "allow_http",
                "allow_private",
            ],
            Self::WorldBank => &[
                "folder",
                "classification",
                "indicators",
                "url",
                "data_url",
                "allow_hosts",
                "allow_http",
                "allow_private",
            ],
            Self::Kobo => &[
                "url",
                "asset",
                "secret_env",
                "secret_file",
                "attachments",
                "allow_hosts",
                "allow_http",
                "allow_private",
            ],
        }
    }
}

/// What the sections describe, each under a name of its own.
pub(super) fn all(
    tables: &[SourceTable],
    root: &Path,
    located: &Located<'_>,
) -> Result<Vec<Source>, ConfigError> {
    let mut sources: Vec<Source> = Vec::new();
    for table in tables {
        if sources.iter().any(|other| other.name == *table.name.get_ref()) {
            let what = format!("two sources have the name \"{}\" (give each its own)", table.name.get_ref());
            return Err(located.invalid(table.name.span(), what));
        }
        let kind = table.kind(root, located)?;
        sources.push(Source { name: table.name.get_ref().clone(), kind });
    }
    Ok(sources)
}

impl SourceTable {
    /// Checks the section and gives what it describes. Whether a folder is there is seen when it is read: that a disk is
    /// away for a while does not make the configuration wrong.
    pub(super) fn kind(&self, root: &Path, located: &Located<'_>) -> Result<SourceKind, ConfigError> {
        self.refuse_foreign_keys(located)?;
        Ok(match *self.kind.get_ref() {
            KindName::Directory => {
                let path = self.needed(self.path.as_ref(), "path", located)?;
                SourceKind::Directory {
                    path: located.path(root, path, "the source's folder")?,
                    include: self.include(located)?,
                }
            }
            KindName::Https => {
                let urls: Vec<String> = self.urls.iter().flatten().map(|url| url.get_ref().clone()).collect();
                if urls.is_empty() && self.listing.is_none() {
                    let what = "an https source needs \"urls\" or \"listing\"".to_owned();
                    return Err(located.invalid(self.kind.span(), what));
                }
                SourceKind::Https(HttpsSource {
                    urls,
                    listing: self.listing.as_ref().map(|url| url.get_ref().clone()),
                    authorization: self.secret(root, located)?,
                    web: self.web(),
                })
            }
            KindName::Odk => SourceKind::Odk(OdkSource {
                url: self.base(located)?,
                project: *self.needed(self.project.as_ref(), "project", located)?.get_ref(),
                form: self.needed(self.form.as_ref(), "form", located)?.get_ref().clone(),
                email: self.needed(self.email.as_ref(), "email", located)?.get_ref().clone(),
                password: self.needed_secret(root, located)?,
                attachments: self.attachments.as_ref().is_none_or(|wanted| *wanted.get_ref()),
                web: self.web(),
            }),
            KindName::Kobo => SourceKind::Kobo(KoboSource {
                url: self.base(located)?,
                asset: self.needed(self.asset.as_ref(), "asset", located)?.get_ref().clone(),
                token: self.needed_secret(root, located)?,
                attachments: self.attachments.as_ref().is_none_or(|wanted| *wanted.get_ref()),
                web: self.web(),
            }),
            KindName::WorldBank => self.world_bank(root, located)?,
        })
    }

    /// Where its folder is named.
    pub(super) fn place_of_path(&self) -> Range<usize> {
        self.path.as_ref().map_or_else(|| self.name.span(), Spanned::span)
    }

    fn world_bank(&self, root: &Path, located: &Located<'_>) -> Result<SourceKind, ConfigError> {
        let classification = self.classification.as_ref().is_some_and(|wanted| *wanted.get_ref());
        let indicators = self.indicators.as_ref().map(|all| all.get_ref().clone()).unwrap_or_default();
        if !classification && indicators.is_empty() {
            let what = "a worldbank source needs \"classification = true\" or \"indicators\"".to_owned();
            return Err(located.invalid(self.kind.span(), what));
        }
        let address = |given: Option<&Spanned<String>>, usual: &str| match given {
            Some(given) => address(given, located),
            None => Ok(usual.to_owned()),
        };
        Ok(SourceKind::WorldBank(WorldBankSource {
            url: address(self.url.as_ref(), "https://api.worldbank.org")?,
            data_url: address(self.data_url.as_ref(), "https://data360api.worldbank.org")?,
            folder: located.path(
                root,
                self.needed(self.folder.as_ref(), "folder", located)?,
                "the source's folder",
            )?,
            classification,
            indicators,
            web: self.web(),
        }))
    }

    /// A key of another kind would be silently without effect.
    fn refuse_foreign_keys(&self, located: &Located<'_>) -> Result<(), ConfigError> {
        let given = [
            ("path", self.path.as_ref().map(Spanned::span)),
            ("include", self.include.as_ref().and_then(|all| all.first()).map(Spanned::span)),
            ("urls", self.urls.as_ref().and_then(|all| all.first()).map(Spanned::span)),
            ("listing", self.listing.as_ref().map(Spanned::span)),
            ("url", self.url.as_ref().map(Spanned::span)),
            ("project", self.project.as_ref().map(Spanned::span)),
            ("form", self.form.as_ref().map(Spanned::span)),
            ("asset", self.asset.as_ref().map(Spanned::span)),
            ("email", self.email.as_ref().map(Spanned::span)),
            ("secret_env", self.secret_env.as_ref().map(Spanned::span)),
            ("secret_file", self.secret_file.as_ref().map(Spanned::span)),
            ("attachments", self.attachments.as_ref().map(Spanned::span)),
            ("data_url", self.data_url.as_ref().map(Spanned::span)),
            ("folder", self.folder.as_ref().map(Spanned::span)),
            ("classification", self.classification.as_ref().map(Spanned::span)),
            ("indicators", self.indicators.as_ref().map(Spanned::span)),
            ("allow_hosts", self.allow_hosts.as_ref().map(Spanned::span)),
            ("allow_http", self.allow_http.as_ref().map(Spanned::span)),
            ("allow_private", self.allow_private.as_ref().map(Spanned::span)),
        ];
        let kind = *self.kind.get_ref();
        for (key, span) in given {
            if let Some(span) = span.filter(|_| !kind.keys().contains(&key)) {
                let (kind, keys) = (kind.as_str(), kind.keys().join(", "));
                let what = format!("a source of the kind \"{kind}\" has no key \"{key}\" (it has: {keys})");
                return Err(located.invalid(span, what));
            }
        }
        Ok(())
    }

    fn needed<'a, T>(
        &self,
        value: Option<&'a Spanned<T>>,
        key: &str,
        located: &Located<'_>,
    ) -> Result<&'a Spanned<T>, ConfigError> {
        value.ok_or_else(|| {
            let kind = self.kind.get_ref().as_str();
            located.invalid(self.kind.span(), format!("a source of the kind \"{kind}\" needs \"{key}\""))
        })
    }

    fn include(&self, located: &Located<'_>) -> Result<GlobSet, ConfigError> {
        let patterns = self.include.as_ref().ok_or_else(|| {
            located
                .invalid(self.kind.span(), "a source of the kind \"directory\" needs \"include\"".to_owned())
        })?;
        let mut include = GlobSetBuilder::new();
        for pattern in patterns {
            // KEN.XLSX is what KEN.xlsx is.
            let glob = GlobBuilder::new(pattern.get_ref()).case_insensitive(true).build();
            include.add(glob.map_err(|error| located.invalid(pattern.span(), error.to_string()))?);
        }
        include.build().map_err(|error| located.invalid(self.kind.span(), error.to_string()))
    }

    /// The server's address without a slash at its end.
    fn base(&self, located: &Located<'_>) -> Result<String, ConfigError> {
        address(self.needed(self.url.as_ref(), "url", located)?, located)
    }

    fn secret(&self, root: &Path, located: &Located<'_>) -> Result<Option<SecretPlace>, ConfigError> {
        match (&self.secret_env, &self.secret_file) {
            (Some(name), None) => Ok(Some(SecretPlace::Environment(name.get_ref().clone()))),
            (None, Some(path)) => Ok(Some(SecretPlace::File(root.join(path.get_ref())))),
            (None, None) => Ok(None),
            (Some(_), Some(file)) => {
                let what = "\"secret_env\" and \"secret_file\" are both given; keep one".to_owned();
                Err(located.invalid(file.span(), what))
            }
        }
    }

    fn needed_secret(&self, root: &Path, located: &Located<'_>) -> Result<SecretPlace, ConfigError> {
        self.secret(root, located)?.ok_or_else(|| {
            let kind = self.kind.get_ref().as_str();
            let what = format!(
                "a source of the kind \"{kind}\" needs \"secret_env\" (a variable's name) or \"secret_file\" (a file's path)"
            );
            located.invalid(self.kind.span(), what)
        })
    }

    fn web(&self) -> Web {
        let is = |value: &Option<Spanned<bool>>| value.as_ref().is_some_and(|value| *value.get_ref());
        Web {
            hosts: self.allow_hosts.as_ref().map(|hosts| hosts.get_ref().clone()).unwrap_or_default(),
            allow_http: is(&self.allow_http),
            allow_private: is(&self.allow_private),
        }
    }
}

/// A server's address without a slash at its end.
pub(super) fn address(url: &Spanned<String>, located: &Located<'_>) -> Result<String, ConfigError> {
    let text = url.get_ref().trim_end_matches('/');
    if text.starts_with("https://") || text.starts_with("http://") {
        return Ok(text.to_owned());
    }
    let what = format!("\"{text}\" is not a server's address (it starts with https://)");
    Err(located.invalid(url.span(), what))
}
