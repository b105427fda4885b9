//! Members: officials with a part in a project of their agency.

use crate::cloud::{Cloud, Done, Who};
use crate::project::enter;
use crate::{permission, problems};
use daftar_kernel::{Id, Problem};
use daftar_store::{Row, Tx, params, sql};
use serde_json::json;

/// Most members of a project.
pub const MEMBERS_MAX: usize = 200;

/// What a member may do; each may what those before may.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Part {
    /// Reads everything, changes nothing.
    Reader,
    /// Orders, changes and removes what is in the project.
    Operator,
    /// Besides, decides who is a member, asks for more quota, and closes the project.
    Owner,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Reader, Self::Operator, Self::Owner];
    /// The word in tables and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Operator => "operator",
            Self::Owner => "owner",
        }
    }
    /// The part of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.word() == word)
    }
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The official's account.
    pub official: Id,
    /// The name colleagues see.
    pub name: String,
    /// What they may do.
    pub part: Part,
}

fn read(row: &Row) -> Result<Member, Problem> {
    let part =
        Part::from_word(row.get(2)?).ok_or_else(|| Problem::internal("a member's part does not read"))?;
    Ok(Member { official: row.get(0)?, name: row.get(1)?, part })
}

/// Everybody in a project, by name.
pub(crate) async fn all(tx: &mut Tx, agency: &str, project: Id) -> Result<Vec<Member>, Problem> {
    let text = sql!(
        "select official, name, part from cloud_member where agency_id = $1 and project = $2 order by name, official"
    );
    tx.query(text, &params![agency, project]).await?.iter().map(read).collect()
}

/// Makes somebody a member, or gives a member another part.
pub(crate) async fn put(
    cloud: &Cloud,
    tx: &mut Tx,
    agency: &str,
    project: Id,
    member: &Member,
) -> Result<(), Problem> {
    let text = sql!(
        "insert into cloud_member (agency_id, project, official, name, part, added_at) values ($1, $2, $3, $4, $5, $6) \
         on conflict (agency_id, project, official) do update set part = excluded.part, name = excluded.name"
    );
    let part = member.part.word();
    tx.execute(text, &params![agency, project, member.official, &member.name, part, cloud.now()]).await?;
    Ok(())
}

/// Refuses to leave a project without an owner.
fn keep_an_owner(members: &[Member], leaving: Id) -> Result<(), Problem> {
    let owns = |member: &Member| member.part == Part::Owner && member.official != leaving;
    if members.iter().any(owns) { Ok(()) } else { Err(problems::last_owner()) }
}

impl Cloud {
    /// Makes an official of the agency a member, by the name they sign in with, or gives a member another part.
    ///
    /// # Errors
    /// `cloud-part` unless the actor owns the project, `cloud-member-unknown`, `cloud-members-many`, `cloud-last-owner`; 404;
    /// `cloud-key-used`; the store's.
    pub async fn set_member(
        &self,
        who: &Who,
        project: Id,
        (login, part): (&str, Part),
        key: &str,
    ) -> Result<Done, Problem> {
        let login = login.trim().to_string();
        let request = (project, &login, part.word());
        self.once(who, ("member-set", key), &request, {
            let login = login.clone();
            move |tx, cloud, who| {
                let login = login.clone();
                Box::pin(async move { cloud.set_member_in(tx, &who, project, (&login, part)).await })
            }
        })
        .await
    }

    async fn set_member_in(
        &self,
        tx: &mut Tx,
        who: &Who,
        project: Id,
        (login, part): (&str, Part),
    ) -> Result<Done, Problem> {
        enter(tx, who, project, Part::Owner).await?;
        let account =
            self.office().official_of_login(tx, login).await?.ok_or_else(problems::member_unknown)?;
        let roster = self.office().roster();
        let held = self.office().assignments_of(tx, account.id).await?;
        let works_here =
            |role: &str, agency: &str| agency == who.agency() && roster.allows(role, permission::READ);
        if !held.iter().any(|one| works_here(&one.role, &one.agency)) {
            return Err(problems::member_unknown());
        }
        let members = all(tx, who.agency(), project).await?;
        if part != Part::Owner {
            keep_an_owner(&members, account.id)?;
        }
        if members.len() >= MEMBERS_MAX && members.iter().all(|member| member.official != account.id) {
            return Err(problems::members_many());
        }
        let member = Member { official: account.id, name: account.name.clone(), part };
        put(self, tx, who.agency(), project, &member).await?;
        let public = json!({"project": project, "part": part.word()});
        let private = json!({"official": account.id, "name": account.name});
        let receipt = self.act(tx, who, "cloud.member-set", public, private).await?;
        Ok(Done { id: account.id, receipt })
    }

    /// Ends a membership.
    ///
    /// # Errors
    /// `cloud-part` unless the actor owns the project, `cloud-last-owner`; 404; `cloud-key-used`; the store's.
    pub async fn remove_member(
        &self,
        who: &Who,
        project: Id,
        official: Id,
        key: &str,
    ) -> Result<Done, Problem> {
        self.once(who, ("member-removed", key), &(project, official), move |tx, cloud, who| {
            Box::pin(async move {
                enter(tx, &who, project, Part::Owner).await?;
                let members = all(tx, who.agency(), project).await?;
                let member = members.iter().find(|member| member.official == official);
                let name = member.ok_or_else(Problem::not_found)?.name.clone();
                keep_an_owner(&members, official)?;
                let text =
                    sql!("delete from cloud_member where agency_id = $1 and project = $2 and official = $3");
                tx.execute(text, &params![who.agency(), project, official]).await?;
                let private = json!({"official": official, "name": name});
                let public = json!({"project": project});
                let receipt = cloud.act(tx, &who, "cloud.member-removed", public, private).await?;
                Ok(Done { id: official, receipt })
            })
        })
        .await
    }

    /// Everybody in a project, by name.
    ///
    /// # Errors
    /// 404 for whoever is no member; the store's.
    pub async fn members(&self, who: &Who, project: Id) -> Result<Vec<Member>, Problem> {
        self.read(who, move |tx, _, who| {
            Box::pin(async move {
                enter(tx, &who, project, Part::Reader).await?;
                all(tx, who.agency(), project).await
            })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_ordered_and_one_owner_stays() {
        assert!(Part::Owner > Part::Operator && Part::Operator > Part::Reader);
        let id = |n| Id::from_bytes([n; 16]);
        let member = |n, part| Member { official: id(n), name: String::new(), part };
        let members = [member(1, Part::Owner), member(2, Part::Operator)];
        assert!(keep_an_owner(&members, id(2)).is_ok());
        assert_eq!(keep_an_owner(&members, id(1)).unwrap_err().code, "cloud-last-owner");
    }
}
