//! Facts of a build that took up an earlier one: what that one rested on and is still so, with what this one saw itself.

use super::facts::{BuildFacts, FileFact, ListingFact, QuestionFact};
use super::view::BuildRecord;
use crate::changes::Changes;
use cloudpack_base::ContentHash;
use cloudpack_fs::Stamp;
use cloudpack_resolve::ListedName;
use std::collections::BTreeMap;

/// The stamp of an entry as it was found just now.
pub(crate) fn stamp_of(touched: &[(usize, Option<Stamp>)], index: usize, stamp: Option<Stamp>) -> Option<Stamp> {
    let at = touched.binary_search_by_key(&index, |(index, _)| *index).ok();
    at.and_then(|at| touched.get(at)).map_or(stamp, |(_, stamp)| *stamp)
}

/// Whether this build saw nothing besides what the record says already but for the contents of changed files: these. `None`:
/// the two have to be merged.
pub(crate) fn changed_files(
    record: &BuildRecord,
    changes: &Changes,
    facts: &BuildFacts,
) -> Option<Vec<(usize, Option<Stamp>, ContentHash)>> {
    let mut changed = Vec::with_capacity(changes.files.len());
    for file in &facts.files {
        let (index, former) = record.find_file(&file.path)?;
        if changes.files.binary_search(&index).is_ok() {
            changed.push((index, file.stamp, file.hash));
        } else if former.hash != file.hash {
            return None;
        }
    }
    let knows_question = |asked: &QuestionFact| {
        let former = record.find_question(&asked.path, asked.question);
        former.is_some_and(|former| former.answer == asked.answer && former.text == asked.text)
    };
    let knows_listing = |listing: &ListingFact| {
        record.find_listing(&listing.path).is_some_and(|former| {
            let knows = |(name, kind): &(String, ListedName)| {
                former.names.binary_search_by(|(known, _)| (*known).cmp(name)).ok().and_then(|at| former.names.get(at))
                    == Some(&(name.as_str(), *kind))
            };
            (former.whole || !listing.whole) && listing.names.iter().all(knows)
        })
    };
    let is_known = changed.len() == changes.files.len()
        && facts.questions.iter().all(knows_question)
        && facts.listings.iter().all(knows_listing);
    is_known.then_some(changed)
}

/// Adds the facts of `record`, as `changes` found them, to those of this build. `None`: the two contradict each other, or a
/// file that changed was not read again.
pub(crate) fn add_former(record: &BuildRecord, changes: &Changes, facts: &mut BuildFacts) -> Option<()> {
    let mut files: BTreeMap<String, FileFact> =
        std::mem::take(&mut facts.files).into_iter().map(|file| (file.path.clone(), file)).collect();
    for index in 0..record.files {
        let file = record.file(index)?;
        if changes.files.binary_search(&index).is_ok() {
            files.get(file.path)?;
            continue;
        }
        let stamp = stamp_of(&changes.touched.files, index, file.stamp);
        let former = || FileFact { path: file.path.to_owned(), stamp, hash: file.hash };
        if files.entry(file.path.to_owned()).or_insert_with(former).hash != file.hash {
            // It changed after it was looked at.
            return None;
        }
    }
    facts.files = files.into_values().collect();

    let mut questions: BTreeMap<(String, u8), QuestionFact> = std::mem::take(&mut facts.questions)
        .into_iter()
        .map(|asked| ((asked.path.clone(), asked.question as u8), asked))
        .collect();
    for index in 0..record.questions {
        let asked = record.question(index)?;
        let former = QuestionFact {
            path: asked.path.to_owned(),
            question: asked.question,
            answer: asked.answer,
            text: asked.text.to_owned(),
        };
        match questions.get(&(former.path.clone(), former.question as u8)) {
            Some(now) if *now != former => return None,
            Some(_) => {}
            None => drop(questions.insert((former.path.clone(), former.question as u8), former)),
        }
    }
    facts.questions = questions.into_values().collect();

    let mut listings: BTreeMap<String, ListingFact> =
        std::mem::take(&mut facts.listings).into_iter().map(|listing| (listing.path.clone(), listing)).collect();
    for index in 0..record.listings {
        let former = record.listing(index)?;
        let (_, stamp) = record.listing_stamp(index)?;
        let stamp = stamp_of(&changes.touched.listings, index, stamp);
        let names = former.names.iter().map(|(name, kind)| ((*name).to_owned(), *kind));
        match listings.get_mut(former.path) {
            None => {
                let listing =
                    ListingFact { path: former.path.to_owned(), stamp, names: names.collect(), whole: former.whole };
                listings.insert(former.path.to_owned(), listing);
            }
            Some(now) => {
                // One stamp has to stand for the names of both.
                now.stamp = now.stamp.filter(|now| stamp == Some(*now));
                now.whole |= former.whole;
                let mut all: BTreeMap<_, _> = std::mem::take(&mut now.names).into_iter().collect();
                for (name, kind) in names {
                    if *all.entry(name).or_insert(kind) != kind {
                        return None;
                    }
                }
                now.names = all.into_iter().collect();
            }
        }
    }
    facts.listings = listings.into_values().collect();
    Some(())
}
