//! Laws by edition, and their articles ready to be cited.

use super::Span;
use crate::text::date::below_hundred;

/// How high a law stands; documents cite the higher first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LawLevel {
    /// 法律.
    Law,
    /// 行政法规.
    AdministrativeRegulation,
    /// 地方性法规.
    ProvincialRegulation,
    /// 规章.
    Rule,
    /// 规范性文件.
    NormativeDocument,
}

/// What an article is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// 修建义务.
    Build,
    /// 设计、施工、质量.
    Quality,
    /// 易地建设.
    Relocation,
    /// 竣工验收备案.
    Filing,
    /// 移交.
    Handover,
    /// 产权登记.
    Registration,
    /// 税收.
    Tax,
    /// 平时使用.
    Use,
    /// 维护管理.
    Upkeep,
    /// 禁止行为、拆除.
    Protection,
    /// 法律责任.
    Consequence,
    /// 送达.
    Service,
}

/// One edition of a law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Law {
    /// Stable id, the same for all editions.
    pub id: String,
    /// Full title without 《》.
    pub title: String,
    /// How high it stands.
    pub level: LawLevel,
    /// Leading digits of the divisions it holds in; empty for the whole country.
    pub jurisdiction: String,
    /// Days this edition is in force.
    pub span: Span,
    /// When it was made and amended.
    pub edition: String,
    /// Where the text was read.
    pub source: String,
    /// Whether the text was read in full and may be relied on.
    pub verified: bool,
    /// Its articles, as far as they are cited.
    pub articles: Vec<Article>,
}

/// One article.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Article {
    /// Its number.
    pub number: u32,
    /// What it is about.
    pub topics: Vec<Topic>,
    /// Its text; paragraphs on their own lines.
    pub text: String,
    /// Whether that is the very text; a summary must not be printed as a quotation.
    #[serde(default = "yes")]
    pub verbatim: bool,
}

fn yes() -> bool {
    true
}

/// An article as a document names it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Citation {
    /// Id of the law.
    pub law: String,
    /// Number of the article.
    pub article: u32,
    /// `《中华人民共和国人民防空法》第四十八条`.
    pub name: String,
    /// Text of the article.
    pub text: String,
    /// Whether the text may be quoted and relied on.
    pub verified: bool,
    /// Edition the text comes from.
    pub edition: String,
    /// What the article is about.
    pub topics: Vec<Topic>,
}

impl Law {
    /// An article by number.
    #[must_use]
    pub fn article(&self, number: u32) -> Option<&Article> {
        self.articles.iter().find(|article| article.number == number)
    }

    pub(super) fn cite(&self, article: &Article) -> Citation {
        Citation {
            law: self.id.clone(),
            article: article.number,
            name: format!("《{}》第{}条", self.outer_title(), article_number(article.number)),
            text: article.text.trim().to_owned(),
            verified: self.verified && article.verbatim,
            edition: self.edition.clone(),
            topics: article.topics.clone(),
        }
    }

    /// Inside 《》 a title's own 《》 become 〈〉 (GB/T 15834-2011, 4.15).
    fn outer_title(&self) -> String {
        self.title.replace('《', "〈").replace('》', "〉")
    }
}

/// An article number in Chinese numerals, up to 999.
fn article_number(number: u32) -> String {
    if number < 100 {
        return below_hundred(number);
    }
    let rest = number % 100;
    let tail = match rest {
        0 => String::new(),
        1..=9 => format!("零{}", below_hundred(rest)),
        10..=19 => format!("一{}", below_hundred(rest)),
        _ => below_hundred(rest),
    };
    format!("{}百{tail}", below_hundred(number / 100))
}
