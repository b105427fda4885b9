//! `daftar log succeed`: how a country goes on honestly when its newest database is lost.

use crate::cli::{Place, Succeed};
use crate::installation::Installation;
use crate::{Outcome, say};
use anyhow::{Result, bail};
use daftar_record::succession::{Ask, Plan};

/// Without a code, says what would be written; with the code of exactly that, writes it.
///
/// # Errors
/// When the log is neither frozen nor to be ended, the origin was used before, too few witnesses answer, another process
/// serves the country, or the code is not that of what would be written now.
pub async fn run(place: &Place, args: &Succeed) -> Result<Outcome> {
    let installation = Installation::open(place).await?;
    let ask =
        Ask { origin: args.origin.clone(), by: args.by.clone(), reason: args.reason.clone(), end: args.end };
    let plan = installation.record.plan_succession(&ask).await?;
    tell(&plan);
    match &args.confirm {
        None => {
            say(
                "Nothing has been written. Entries that are missing cannot come back once this is done: look for a newer",
            );
            say("backup first. To do it: stop daftar serve, and run the same command again with");
            say(&format!("  --confirm {}", plan.code));
            return Ok(Outcome::Finding);
        }
        Some(code) if *code != plan.code => bail!(
            "the code {code} is not that of what would be written now. Next: read the above, and use --confirm {}",
            plan.code
        ),
        Some(_) => {}
    }
    let (record, act) = installation.record.succeed(&plan).await?;
    say(&format!("{} succeeds {}; the act is receipt {act}.", record.base_origin(), plan.before));
    say(
        "Next, each witness: add these two lines to its list of logs (the file of --logs), and start it again:",
    );
    plan.keys.iter().for_each(|key| say(&format!("  {key}")));
    say("Until a quorum has done so, receipts are signed and not confirmed, and /trust says so.");
    say(
        "Next, you: daftar serve; hand out the new policy file (/trust/policy) the way you handed out the old one;",
    );
    say("publish both checkpoints on paper; make a backup. record.origin in the settings stays as it is.");
    Ok(Outcome::Good)
}

fn tell(plan: &Plan) {
    say(&format!("{} ends, {} begins. Everybody will read:", plan.before, plan.ask.origin));
    say(&format!("  by: {}", plan.ask.by));
    say(&format!("  reason: {}", plan.ask.reason));
    for entry in &plan.entries {
        say(&format!("  {}:", entry.origin));
        if !entry.found.is_empty() {
            say(&format!("    {}", entry.found));
        }
        say(&format!(
            "    others have seen {} entries, this database holds {}, {} are missing",
            entry.seen_size, entry.local_size, entry.missing
        ));
        if entry.forked {
            say("    the trees differ even where both have entries: earlier entries may be others, too");
        }
        if !entry.local_at.is_empty() {
            say(&format!("    the newest kept tree was signed at {}", entry.local_at));
        }
    }
}
