//! Projects: rooms of one agency in the cloud. Whoever is no member does not learn that one is there.

use crate::cloud::{Cloud, Done, Who};
use crate::member::{self, Member, Part};
use crate::quota::{self, Quota};
use crate::resource::{self, Resource};
use crate::{permission, problems};
use daftar_kernel::{Id, Problem, Timestamp};
use daftar_store::{Row, Tx, params, sql};
use serde_json::json;

/// Most open projects of an agency.
pub const PROJECTS_MAX: i64 = 200;
/// Longest name of a project, in characters.
pub const NAME_CHARS: usize = 80;

/// A project, and what the one who looks may do there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its identifier.
    pub id: Id,
    /// Code of the agency it belongs to.
    pub agency: String,
    /// What people call it.
    pub name: String,
    /// When it was begun.
    pub made_at: Timestamp,
    /// The part of whoever looks.
    pub part: Part,
}

/// A project with all that is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// The project.
    pub project: Project,
    /// Its quotas, in the order of the measures.
    pub quotas: Vec<Quota>,
    /// What is in it, oldest first.
    pub resources: Vec<Resource>,
    /// Who may do what.
    pub members: Vec<Member>,
}

fn read(row: &Row) -> Result<Project, Problem> {
    let part =
        Part::from_word(row.get(4)?).ok_or_else(|| Problem::internal("a member's part does not read"))?;
    Ok(Project { id: row.get(0)?, agency: row.get(1)?, name: row.get(2)?, made_at: row.get(3)?, part })
}

/// The open project, for a member whose part reaches.
///
/// # Errors
/// 404 for another agency's, a closed one, and for whoever is no member; `cloud-part`.
pub(crate) async fn enter(tx: &mut Tx, who: &Who, project: Id, needed: Part) -> Result<Project, Problem> {
    let text = sql!(
        "select p.id, p.agency_id, p.name, p.made_at, m.part from cloud_project p \
         join cloud_member m on m.agency_id = p.agency_id and m.project = p.id \
         where p.agency_id = $1 and p.id = $2 and p.closed_at = 0 and m.official = $3"
    );
    let row = tx.query_opt(text, &params![who.agency(), project, who.official.id]).await?;
    let project = read(&row.ok_or_else(Problem::not_found)?)?;
    if project.part < needed { Err(problems::part()) } else { Ok(project) }
}

/// A name that people give: some words on one line, which print.
#[must_use]
pub fn clean_name(text: &str) -> Option<String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let length = name.chars().count();
    ((1..=NAME_CHARS).contains(&length) && !name.chars().any(char::is_control)).then_some(name)
}

impl Cloud {
    /// Begins a project of the actor's agency, with the quota that the catalogue gives everybody. The actor owns it.
    ///
    /// # Errors
    /// 403 without the permission, `cloud-entry` for its name, `cloud-name-taken`, `cloud-projects-many`, `cloud-no-catalogue`,
    /// `cloud-key-used`; the store's.
    pub async fn begin_project(&self, who: &Who, name: &str, key: &str) -> Result<Done, Problem> {
        self.office().need(&who.actor(), permission::USE)?;
        let Some(name) = clean_name(name) else {
            return Err(problems::entry().field("name", "cloud-fault-project-name"));
        };
        let quota = self.catalogue()?.quota.clone();
        self.once(who, ("project-begun", key), &name, {
            let name = name.clone();
            move |tx, cloud, who| {
                let (name, quota) = (name.clone(), quota.clone());
                Box::pin(async move { cloud.begin_project_in(tx, &who, &name, &quota).await })
            }
        })
        .await
    }

    async fn begin_project_in(
        &self,
        tx: &mut Tx,
        who: &Who,
        name: &str,
        amounts: &crate::measure::Amounts,
    ) -> Result<Done, Problem> {
        let (agency, now, id) = (who.agency(), self.now(), self.store().world().id());
        let open = sql!("select name from cloud_project where agency_id = $1 and closed_at = 0 limit $2");
        let open = tx.query(open, &params![agency, PROJECTS_MAX]).await?;
        if i64::try_from(open.len()).unwrap_or(i64::MAX) >= PROJECTS_MAX {
            return Err(problems::projects_many());
        }
        for row in &open {
            if row.get::<&str>(0)? == name {
                return Err(problems::name_taken());
            }
        }
        let receipt =
            self.act(tx, who, "cloud.project-begun", json!({"project": id}), json!({"name": name})).await?;
        let insert = sql!(
            "insert into cloud_project (agency_id, id, name, made_at, made_by, closed_at, receipt) \
             values ($1, $2, $3, $4, $5, 0, $6)"
        );
        tx.execute(insert, &params![agency, id, name, now, who.official.id, receipt]).await?;
        quota::begin(tx, agency, id, amounts).await?;
        let owner = Member { official: who.official.id, name: who.official.name.clone(), part: Part::Owner };
        member::put(self, tx, agency, id, &owner).await?;
        Ok(Done { id, receipt })
    }

    /// The agency's open projects the actor is a member of, by name.
    ///
    /// # Errors
    /// The store's.
    pub async fn projects(&self, who: &Who) -> Result<Vec<Project>, Problem> {
        self.read(who, |tx, _, who| {
            Box::pin(async move {
                let text = sql!(
                    "select p.id, p.agency_id, p.name, p.made_at, m.part from cloud_member m \
                     join cloud_project p on p.agency_id = m.agency_id and p.id = m.project \
                     where m.agency_id = $1 and m.official = $2 and p.closed_at = 0 order by p.name, p.id"
                );
                tx.query(text, &params![who.agency(), who.official.id]).await?.iter().map(read).collect()
            })
        })
        .await
    }

    /// A project with all that is in it.
    ///
    /// # Errors
    /// 404 for whoever is no member; the store's.
    pub async fn room(&self, who: &Who, project: Id) -> Result<Room, Problem> {
        self.read(who, move |tx, _, who| {
            Box::pin(async move {
                let project = enter(tx, &who, project, Part::Reader).await?;
                let (agency, id) = (who.agency(), project.id);
                let quotas = quota::all(tx, agency, id).await?;
                let resources = resource::all(tx, agency, id).await?;
                let members = member::all(tx, agency, id).await?;
                Ok(Room { project, quotas, resources, members })
            })
        })
        .await
    }

    /// Closes an empty project; the engine's room goes with the next round.
    ///
    /// # Errors
    /// `cloud-part` unless the actor owns it, `cloud-not-empty`; 404; `cloud-key-used`; the store's.
    pub async fn close_project(&self, who: &Who, project: Id, key: &str) -> Result<Done, Problem> {
        self.once(who, ("project-closed", key), &project, move |tx, cloud, who| {
            Box::pin(async move {
                enter(tx, &who, project, Part::Owner).await?;
                if !resource::all(tx, who.agency(), project).await?.is_empty() {
                    return Err(problems::not_empty());
                }
                let text = sql!("update cloud_project set closed_at = $3 where agency_id = $1 and id = $2");
                tx.execute(text, &params![who.agency(), project, cloud.now()]).await?;
                let public = json!({"project": project});
                let receipt = cloud.act(tx, &who, "cloud.project-closed", public, json!({})).await?;
                Ok(Done { id: project, receipt })
            })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_at_the_limit_and_one_past() {
        assert_eq!(clean_name("  Land   register ").as_deref(), Some("Land register"));
        assert!(clean_name(&"é".repeat(NAME_CHARS)).is_some());
        assert!(clean_name(&"é".repeat(NAME_CHARS + 1)).is_none());
        for bad in ["", " \n ", "a\u{7}b"] {
            assert_eq!(clean_name(bad), None, "{bad:?}");
        }
    }
}
