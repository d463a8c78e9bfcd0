//! Users in a table of the application's.

use std::borrow::Cow;
use std::sync::Arc;

use frontdesk_data::{Db, FieldType, Guard, Guarded, Row, RowId, Table, Values, WriteError};
use frontdesk_validate::Value;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use super::{By, Change, Found, NewRow, User, UserColumns, UserId};
use crate::AuthError;

#[derive(Clone)]
pub(super) struct Mapped {
    pub(super) db: Db,
    table: Arc<Table>,
    columns: Arc<UserColumns>,
}

type Name = Option<Cow<'static, str>>;

impl Mapped {
    pub(super) fn new(db: &Db, table: &Arc<Table>, columns: UserColumns) -> Result<Self, AuthError> {
        columns.check(table)?;
        Ok(Self { db: db.clone(), table: Arc::clone(table), columns: Arc::new(columns) })
    }

    fn row_id(id: &UserId) -> RowId {
        match id {
            UserId::Int(id) => RowId::from(*id),
            UserId::Text(id) => RowId::from(&**id),
        }
    }

    /// Whether the column of the key can hold it: a text is never looked for in a column of numbers.
    fn fits(&self, id: &UserId) -> bool {
        let kind = self.table.get(&self.columns.id).map(|field| &field.kind);
        let is_number = matches!(kind, Some(FieldType::Id | FieldType::Integer | FieldType::BigInt));
        match id {
            UserId::Int(_) => is_number,
            UserId::Text(text) => match kind {
                Some(FieldType::Uuid) => text.parse::<uuid::Uuid>().is_ok(),
                _ => !is_number,
            },
        }
    }

    pub(super) async fn find(&self, by: By<'_>) -> Result<Option<Found>, AuthError> {
        let (column, values) = match by {
            By::Id(id) if !self.fits(id) => return Ok(None),
            By::Id(id) => {
                let row = self.db.get(&self.table, &Self::row_id(id)).await?;
                return Ok(row.and_then(|row| self.read(&row)));
            }
            By::Name(name) => (&self.columns.username, vec![Value::from(name)]),
            By::Email(email) => match &self.columns.email {
                Some(column) => (column, vec![email.into(), email.to_lowercase().into()]),
                None => return Ok(None),
            },
        };
        let set = self.db.set(&self.table);
        let condition = set.col(column).is_in(values);
        let mut rows = set.filter(condition).limit(2).rows().await?;
        // Of two that cannot be told apart, neither is it.
        match rows.len() {
            1 => Ok(rows.pop().and_then(|row| self.read(&row))),
            _ => Ok(None),
        }
    }

    pub(super) async fn by_id(&self, id: &UserId) -> Result<Option<User>, AuthError> {
        Ok(self.find(By::Id(id)).await?.map(|found| found.user))
    }

    fn read(&self, row: &Row) -> Option<Found> {
        let columns = &*self.columns;
        let value = |name: &Name| row.get(name.as_deref()?);
        let text =
            |name: &Name| Some(value(name)?.to_text()).filter(|text| !text.is_empty()).map(Arc::<str>::from);
        let flag = |name: &Name, without: bool| match name {
            None => without,
            Some(_) => value(name).is_some_and(is_set),
        };
        let hash = row[&*columns.password].as_str().filter(|hash| !hash.is_empty()).map(str::to_owned);
        let email = text(&columns.email);
        let confirmed = match &columns.email_confirmed {
            Some(_) => value(&columns.email_confirmed).and_then(instant),
            None => email.is_some().then_some(Timestamp::UNIX_EPOCH),
        };
        let user = User {
            id: match &row[&*columns.id] {
                Value::Int(id) => UserId::Int(*id),
                Value::Null => return None,
                other => UserId::Text(other.to_text().into()),
            },
            username: row[&*columns.username].to_text().into(),
            email,
            first_name: text(&columns.first_name),
            last_name: text(&columns.last_name),
            active: flag(&columns.active, true),
            admin: flag(&columns.admin, false),
            superuser: flag(&columns.superuser, false),
            created: value(&columns.created).and_then(instant),
            last_login: value(&columns.last_login).and_then(instant),
            email_confirmed: confirmed,
            // Another program may change the password: what belonged to the old one then ends here too.
            epoch: epoch_of(hash.as_deref()),
        };
        Some(Found { user, hash })
    }

    pub(super) async fn insert(&self, row: &NewRow<'_>) -> Result<(), WriteError> {
        let mut values = Values::new();
        let columns = &*self.columns;
        values.set(&*columns.username, row.username);
        values.set(&*columns.password, row.hash.unwrap_or(""));
        let mut set = |name: &Name, value: Value| {
            if let Some(name) = name {
                values.set(&**name, value);
            }
        };
        // Such a column is often NOT NULL.
        set(&columns.email, row.email.map_or(Value::Null, Value::from));
        if row.first_name.is_some() {
            set(&columns.first_name, row.first_name.into());
        }
        if row.last_name.is_some() {
            set(&columns.last_name, row.last_name.into());
        }
        set(&columns.active, row.active.into());
        set(&columns.admin, row.admin.into());
        set(&columns.superuser, row.superuser.into());
        set(&columns.created, self.time(&columns.created, Some(row.now)));
        if row.email_confirmed.is_some() {
            set(&columns.email_confirmed, self.time(&columns.email_confirmed, row.email_confirmed));
        }
        self.db.insert(&self.table, values).await.map(drop)
    }

    pub(super) async fn taken(&self, username: &str, email: Option<&str>) -> Result<[bool; 2], AuthError> {
        let name = self.find(By::Name(username)).await?.is_some();
        let email = match email {
            Some(email) => self.find(By::Email(email)).await?.is_some(),
            None => false,
        };
        Ok([name, email])
    }

    pub(super) async fn change(
        &self,
        id: &UserId,
        changes: &[Change<'_>],
        if_hash: Option<&str>,
    ) -> Result<bool, WriteError> {
        if !self.fits(id) {
            return Ok(false);
        }
        let columns = &*self.columns;
        let mut values = Values::new();
        for change in changes {
            let (name, value): (Option<&str>, Value) = match change {
                Change::Username(name) => (Some(&columns.username), (*name).into()),
                Change::Hash(hash) => (Some(&columns.password), hash.unwrap_or("").into()),
                Change::Email(email) => (columns.email.as_deref(), (*email).into()),
                Change::EmailConfirmed(at) => {
                    (columns.email_confirmed.as_deref(), self.time(&columns.email_confirmed, *at))
                }
                Change::FirstName(name) => (columns.first_name.as_deref(), (*name).into()),
                Change::LastName(name) => (columns.last_name.as_deref(), (*name).into()),
                Change::Active(flag) => (columns.active.as_deref(), (*flag).into()),
                Change::Admin(flag) => (columns.admin.as_deref(), (*flag).into()),
                Change::Superuser(flag) => (columns.superuser.as_deref(), (*flag).into()),
                Change::LastLogin(at) => {
                    (columns.last_login.as_deref(), self.time(&columns.last_login, Some(*at)))
                }
                Change::Epoch => (None, Value::Null),
            };
            if let Some(name) = name {
                values.set(name, value);
            }
        }
        let id = Self::row_id(id);
        let Some(hash) = if_hash else {
            return Ok(self.db.update(&self.table, &id, values).await?.is_some());
        };
        let Some(row) = self.db.get(&self.table, &id).await? else { return Ok(false) };
        if row[&*columns.password].as_str() != Some(hash) {
            return Ok(false);
        }
        let guard = Guard::of(&row, [&*columns.password]);
        Ok(matches!(self.db.update_if(&self.table, &id, values, &guard).await?, Guarded::Done(_)))
    }

    pub(super) async fn delete(&self, id: &UserId) -> Result<bool, WriteError> {
        if !self.fits(id) {
            return Ok(false);
        }
        self.db.delete(&self.table, &Self::row_id(id)).await
    }

    pub(super) async fn list(&self, after: Option<&UserId>, limit: u64) -> Result<Vec<User>, AuthError> {
        let mut set = self.db.set(&self.table).order_by(&*self.columns.id).limit(limit);
        if let Some(after) = after {
            set = set.after(&Self::row_id(after));
        }
        let rows = set.rows().await?;
        Ok(rows.iter().filter_map(|row| self.read(row)).map(|found| found.user).collect())
    }

    pub(super) async fn has_admin(&self) -> Result<bool, AuthError> {
        for column in [&self.columns.admin, &self.columns.superuser].into_iter().flatten() {
            let set = self.db.set(&self.table);
            let condition = set.col(column).eq(true);
            let mut set = set.filter(condition);
            if let Some(active) = &self.columns.active {
                let condition = set.col(active).eq(true);
                set = set.filter(condition);
            }
            if !set.limit(1).rows().await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A time as its column holds it.
    fn time(&self, name: &Name, at: Option<Timestamp>) -> Value {
        let Some(at) = at else { return Value::Null };
        let kind = name.as_deref().and_then(|name| self.table.get(name)).map(|field| &field.kind);
        match kind {
            Some(FieldType::Integer | FieldType::BigInt) => at.as_second().into(),
            // To the microsecond, which is what databases keep.
            _ => {
                let at = Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at);
                Value::DateTime(at.to_zoned(TimeZone::UTC).datetime())
            }
        }
    }
}

fn is_set(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::Int(number) => *number != 0,
        _ => false,
    }
}

fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Int(seconds) => Timestamp::from_second(*seconds).ok(),
        Value::DateTime(at) => Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp()),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// A number that changes when the stored password does.
fn epoch_of(hash: Option<&str>) -> i64 {
    let digest = Sha256::digest(hash.unwrap_or_default().as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(first)
}
