//! The two engines behind one small face: static statements with `$1`-style parameters, integers
//! and texts in, rows of integers and texts out.
//!
//! Both engines understand the same statements nearly everywhere, so the logic of the store is
//! written once; where they differ, a statement is a [`Sql`] with one text for each.

mod disk;
mod migrations;
mod postgres;
mod sqlite;

use std::sync::Arc;

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{PgPool, Postgres, Row as _, Sqlite, SqlitePool, Transaction};

use crate::StoreError;

use disk::Disk;
pub(crate) use postgres::listen;

/// An open database.
#[derive(Clone, Debug)]
pub(crate) enum Db {
    /// Readers beside the one writer: WAL lets them work while it writes.
    Sqlite { read: SqlitePool, write: SqlitePool, disk: Arc<Disk> },
    /// One pool for all.
    Postgres(PgPool),
}

/// A statement, or one for each engine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sql {
    sqlite: &'static str,
    postgres: &'static str,
}

impl Sql {
    pub(crate) const fn each(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self::each(text, text)
    }
}

/// A parameter.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
}

impl From<i64> for Value {
    fn from(v: i64) -> Self {
        Self::Int(Some(v))
    }
}
impl From<u32> for Value {
    fn from(v: u32) -> Self {
        Self::Int(Some(v.into()))
    }
}
impl From<Option<i64>> for Value {
    fn from(v: Option<i64>) -> Self {
        Self::Int(v)
    }
}
impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Self::Text(Some(v.to_owned()))
    }
}
impl From<&String> for Value {
    fn from(v: &String) -> Self {
        Self::Text(Some(v.clone()))
    }
}
impl From<Option<&str>> for Value {
    fn from(v: Option<&str>) -> Self {
        Self::Text(v.map(str::to_owned))
    }
}
impl From<&crate::JobId> for Value {
    fn from(v: &crate::JobId) -> Self {
        v.as_str().into()
    }
}
impl From<crate::JobState> for Value {
    fn from(v: crate::JobState) -> Self {
        v.name().into()
    }
}

/// The parameters of a statement, in order.
macro_rules! args {
    ($($v:expr),* $(,)?) => { &[$($crate::db::Value::from($v)),*][..] };
}
pub(crate) use args;

/// A row that came back; columns are counted from 0.
#[derive(Debug)]
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    pub(crate) fn int(&self, column: usize) -> Result<i64, StoreError> {
        Ok(match self {
            Self::Sqlite(r) => r.try_get(column)?,
            Self::Postgres(r) => r.try_get(column)?,
        })
    }

    pub(crate) fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        Ok(match self {
            Self::Sqlite(r) => r.try_get(column)?,
            Self::Postgres(r) => r.try_get(column)?,
        })
    }

    pub(crate) fn text(&self, column: usize) -> Result<String, StoreError> {
        Ok(match self {
            Self::Sqlite(r) => r.try_get(column)?,
            Self::Postgres(r) => r.try_get(column)?,
        })
    }

    pub(crate) fn opt_text(&self, column: usize) -> Result<Option<String>, StoreError> {
        Ok(match self {
            Self::Sqlite(r) => r.try_get(column)?,
            Self::Postgres(r) => r.try_get(column)?,
        })
    }

    /// An integer that must fit in a `u32`.
    pub(crate) fn small(&self, column: usize) -> Result<u32, StoreError> {
        let v = self.int(column)?;
        u32::try_from(v).map_err(|_| StoreError::Corrupt(format!("{v} in column {column}")))
    }

    /// A count.
    pub(crate) fn count(&self, column: usize) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.int(column)?).unwrap_or(0))
    }
}

/// Binds the parameters to a query of either engine.
macro_rules! bound {
    ($sql:expr, $args:expr) => {{
        let mut query = sqlx::query($sql);
        for value in $args {
            query = match value {
                Value::Int(v) => query.bind(*v),
                Value::Text(v) => query.bind(v.as_deref()),
            };
        }
        query
    }};
}

impl Db {
    /// Opens the database of this address and brings its schema up to date.
    pub(crate) async fn open(address: &str) -> Result<Self, StoreError> {
        let db = if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            Self::Postgres(postgres::open(address).await?)
        } else {
            let path = address.strip_prefix("sqlite:").unwrap_or(address);
            let path = path.strip_prefix("//").unwrap_or(path);
            let (read, write) = sqlite::open(path).await?;
            Self::Sqlite { read, write, disk: Disk::of(path) }
        };
        migrations::run(&db).await?;
        Ok(db)
    }

    /// Begins a transaction that may write.
    pub(crate) async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            // A transaction that begins as a reader and then writes fails at once when another
            // wrote in between, whatever the busy timeout: so it begins as a writer.
            Self::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// All rows of a statement that only reads.
    pub(crate) async fn all(
        &self,
        sql: impl Into<Sql>,
        args: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let sql = sql.into();
        Ok(match self {
            Self::Sqlite { read, .. } => {
                let rows = bound!(sql.sqlite, args).fetch_all(read).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Self::Postgres(pool) => {
                let rows = bound!(sql.postgres, args).fetch_all(pool).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// The first row of a statement that only reads.
    pub(crate) async fn first(
        &self,
        sql: impl Into<Sql>,
        args: &[Value],
    ) -> Result<Option<Row>, StoreError> {
        let sql = sql.into();
        Ok(match self {
            Self::Sqlite { read, .. } => {
                bound!(sql.sqlite, args).fetch_optional(read).await?.map(Row::Sqlite)
            }
            Self::Postgres(pool) => {
                bound!(sql.postgres, args).fetch_optional(pool).await?.map(Row::Postgres)
            }
        })
    }

    /// One statement that writes, in its own transaction. Rows affected.
    pub(crate) async fn execute(
        &self,
        sql: impl Into<Sql>,
        args: &[Value],
    ) -> Result<u64, StoreError> {
        let sql = sql.into();
        Ok(match self {
            Self::Sqlite { write, .. } => {
                bound!(sql.sqlite, args).execute(write).await?.rows_affected()
            }
            Self::Postgres(pool) => bound!(sql.postgres, args).execute(pool).await?.rows_affected(),
        })
    }

    /// Waits until everything committed before this call would survive a power cut. PostgreSQL
    /// sees to that at each commit.
    pub(crate) async fn settled(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { disk, .. } => Ok(disk.flush().await?),
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Closes every connection.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { read, write, .. } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// A transaction; dropped without [`Tx::commit`] it leaves no trace.
#[derive(Debug)]
pub(crate) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// Rows affected.
    pub(crate) async fn execute(
        &mut self,
        sql: impl Into<Sql>,
        args: &[Value],
    ) -> Result<u64, StoreError> {
        let sql = sql.into();
        Ok(match self {
            Self::Sqlite(tx) => bound!(sql.sqlite, args).execute(&mut **tx).await?.rows_affected(),
            Self::Postgres(tx) => {
                bound!(sql.postgres, args).execute(&mut **tx).await?.rows_affected()
            }
        })
    }

    /// The first row.
    pub(crate) async fn first(
        &mut self,
        sql: impl Into<Sql>,
        args: &[Value],
    ) -> Result<Option<Row>, StoreError> {
        let sql = sql.into();
        Ok(match self {
            Self::Sqlite(tx) => {
                bound!(sql.sqlite, args).fetch_optional(&mut **tx).await?.map(Row::Sqlite)
            }
            Self::Postgres(tx) => {
                bound!(sql.postgres, args).fetch_optional(&mut **tx).await?.map(Row::Postgres)
            }
        })
    }

    /// All rows.
    pub(crate) async fn all(
        &mut self,
        sql: impl Into<Sql>,
        args: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let sql = sql.into();
        Ok(match self {
            Self::Sqlite(tx) => {
                let rows = bound!(sql.sqlite, args).fetch_all(&mut **tx).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Self::Postgres(tx) => {
                let rows = bound!(sql.postgres, args).fetch_all(&mut **tx).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// Several statements without parameters.
    async fn script(&mut self, text: String) -> Result<(), StoreError> {
        let script = sqlx::raw_sql(sqlx::AssertSqlSafe(text));
        match self {
            Self::Sqlite(tx) => script.execute(&mut **tx).await.map(drop)?,
            Self::Postgres(tx) => script.execute(&mut **tx).await.map(drop)?,
        }
        Ok(())
    }

    /// Tells every node something, once the transaction is committed. Only PostgreSQL has other
    /// nodes to tell.
    pub(crate) async fn notify(&mut self, event: &crate::Event) -> Result<(), StoreError> {
        if let Self::Postgres(_) = self {
            self.execute("SELECT pg_notify('khocr', $1)", args![&event.to_wire()]).await?;
        }
        Ok(())
    }

    /// Tells every node that keys, organisations or plans have changed, once it is committed.
    pub(crate) async fn notify_accounts(&mut self) -> Result<(), StoreError> {
        if let Self::Postgres(_) = self {
            let sql = "SELECT pg_notify('khocr', $1)";
            self.execute(sql, args![crate::events::ACCOUNTS]).await?;
        }
        Ok(())
    }

    /// Makes it so.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

/// Whether an error says that a unique value exists already.
pub(crate) fn is_duplicate(error: &StoreError) -> bool {
    matches!(error, StoreError::Database(sqlx::Error::Database(e)) if e.is_unique_violation())
}
