//! What officials see before they ask, and before they decide: who answers for the child, and what waits. Every name is a look.

use super::{Guarding, Pending, Sealed};
use crate::bonds::Side;
use crate::documents::File;
use crate::people::{People, SERVICE};
use crate::{permission, problems, tokens, version};
use daftar_kernel::{Actor, Id, Official, Problem};
use daftar_office::permit::Ask;
use daftar_store::Tx;

impl People {
    /// Who answers for a child now, by name: looks at the child and at each of them.
    ///
    /// # Errors
    /// As [`People::read`]; [`problems::guardian_adult`] when nobody need answer for the person.
    pub async fn guarding(
        &self,
        official: &Official,
        ask: &Ask,
        child: Id,
    ) -> Result<(String, Vec<Guarding>), Problem> {
        self.office.need(&Actor::Official(official.clone()), permission::SUSPEND)?;
        let (people, official, ask) = (self.clone(), official.clone(), ask.clone());
        self.store
            .write(move |tx| {
                let (people, official, ask) = (people.clone(), official.clone(), ask.clone());
                Box::pin(async move {
                    let child = tokens::living(tx, child).await?;
                    let who = (&official, &ask);
                    let fields = ["name", crate::read::BONDS];
                    let name = people.seen_name(tx, who, child, &fields).await?;
                    let mut list: Vec<Guarding> = Vec::new();
                    let mut seen = Vec::new();
                    for (_, bond) in people.bonds_of_all(tx, child).await? {
                        let guardian = tokens::living(tx, bond.other).await?;
                        if bond.guards(Side::Has) && !seen.contains(&guardian) {
                            seen.push(guardian);
                            let name = people.seen_name(tx, who, guardian, &["name"]).await?;
                            list.push(Guarding { bond: bond.id, name, since: bond.since });
                        }
                    }
                    Ok((name, list))
                })
            })
            .await
    }

    /// A look at somebody, and their name.
    async fn seen_name(
        &self,
        tx: &mut Tx,
        (official, ask): (&Official, &Ask),
        person: Id,
        fields: &[&str],
    ) -> Result<String, Problem> {
        let permit = self.office.permit(tx, official, ask).await?;
        let found = version::current_with_token(&self.store, tx, person, tokens::RECORD).await?;
        let (version, subject) = found.ok_or_else(problems::unknown)?;
        self.office.look(tx, &permit, subject, SERVICE, fields).await?;
        Ok(version.document.person.name.to_string())
    }

    /// What waits, for the officials who decide: looks at the child and at those it names.
    ///
    /// # Errors
    /// As [`People::read`]; [`problems::guardianship_unknown`].
    pub async fn guardianship_asked(
        &self,
        official: &Official,
        ask: &Ask,
        (child, id): (Id, Id),
    ) -> Result<Pending, Problem> {
        self.office.need(&Actor::Official(official.clone()), permission::SUSPEND)?;
        let (people, official, ask) = (self.clone(), official.clone(), ask.clone());
        self.store
            .write(move |tx| {
                let (people, official, ask) = (people.clone(), official.clone(), ask.clone());
                Box::pin(async move { people.asked_in(tx, (&official, &ask), (child, id)).await })
            })
            .await
    }

    async fn asked_in(
        &self,
        tx: &mut Tx,
        who: (&Official, &Ask),
        (child, id): (Id, Id),
    ) -> Result<Pending, Problem> {
        let name = self.seen_name(tx, who, child, &["name", crate::read::BONDS]).await?;
        let (sealed, asked_at, _) = self.waiting(tx, child, id).await?;
        let mut ends = None;
        for (_, bond) in self.bonds_of_all(tx, child).await? {
            if Some(bond.id) == sealed.bond {
                let guardian = tokens::living(tx, bond.other).await?;
                ends = Some((self.seen_name(tx, who, guardian, &["name"]).await?, bond.since));
            }
        }
        let new = match sealed.new {
            None => None,
            Some(new) => {
                let new = tokens::living(tx, new).await?;
                Some(self.seen_name(tx, who, new, &["name"]).await?)
            }
        };
        let Sealed { alone, court, .. } = sealed;
        Ok(Pending { id, child: name, ends, new, alone, court, asked_at })
    }

    /// The paper of a decision that waits: a look at the child's documents.
    ///
    /// # Errors
    /// As [`People::guardianship_asked`].
    pub async fn guardianship_document(
        &self,
        official: &Official,
        ask: &Ask,
        (child, id): (Id, Id),
    ) -> Result<File, Problem> {
        self.office.need(&Actor::Official(official.clone()), permission::SUSPEND)?;
        let (people, official, ask) = (self.clone(), official.clone(), ask.clone());
        let kept = self.store.write(move |tx| {
            let (people, official, ask) = (people.clone(), official.clone(), ask.clone());
            Box::pin(async move {
                people.seen_name(tx, (&official, &ask), child, &["name", crate::read::DOCUMENTS]).await?;
                Ok::<_, Problem>(people.waiting(tx, child, id).await?.0.document)
            })
        });
        self.open_kept(child, &kept.await?).await
    }
}
