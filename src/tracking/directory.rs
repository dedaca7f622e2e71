//! The departments a breakdown may name: the units of its plan by their printed names, then the department list of the
//! model by every name it has had.

use super::compare::likeness;
use super::plan::Plan;
use super::table::Directory;

/// Names and the department each stands for.
#[derive(Debug, Clone, Default)]
pub struct UnitNames {
    entries: Vec<(String, String, String)>,
}

impl UnitNames {
    /// The units of a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let mut names = Self::default();
        for unit in &plan.units {
            names.add(&unit.name, &unit.department);
            unit.aliases.iter().for_each(|alias| names.add(alias, &unit.department));
        }
        names
    }

    /// Adds a name; the first one added wins when two departments share it.
    pub fn add(&mut self, name: &str, department: &str) {
        self.entries.push((plain(name), name.to_owned(), department.to_owned()));
    }

    /// The name to show for a department: the first one added, else its id.
    #[must_use]
    pub fn name_of(&self, department: &str) -> String {
        let entry = self.entries.iter().find(|(_, _, id)| id == department);
        entry.map_or_else(|| department.to_owned(), |(_, name, _)| name.clone())
    }
}

impl Directory for UnitNames {
    fn find(&self, name: &str) -> Option<String> {
        let wanted = plain(name);
        self.entries.iter().find(|(known, _, _)| *known == wanted).map(|(_, _, id)| id.clone())
    }

    fn like(&self, name: &str) -> Vec<String> {
        let wanted = plain(name);
        let mut near: Vec<(usize, &str)> = self
            .entries
            .iter()
            .map(|(known, shown, _)| (likeness(known, &wanted), shown.as_str()))
            .filter(|(likeness, _)| *likeness >= 40)
            .collect();
        near.sort_by_key(|(likeness, _)| std::cmp::Reverse(*likeness));
        near.into_iter().take(2).map(|(_, shown)| shown.to_owned()).collect()
    }
}

/// A name without blanks and with one kind of bracket, so that 各县〔市、区〕政府 meets 各县（市、区）政府.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|letter| !letter.is_whitespace())
        .map(|letter| match letter {
            '（' | '〔' | '［' | '[' => '(',
            '）' | '〕' | '］' | ']' => ')',
            other => other,
        })
        .collect()
}
