//! Typed views of records for rules that need a few fields, so that arithmetic and dates are checked by the compiler.
//!
//! A view is read from the canonical body; fields that the record lacks are `None`. A test holds every view against the schema.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use super::calendar::{Calendar, Deadline};
use super::field_type::Fault;
use super::rules::{RequiredArea, Rules, Share};
use crate::error::codes;
use crate::text::amount::Money;
use crate::text::area::Area;

/// A view of records of one kind.
pub trait View: DeserializeOwned {
    /// Name of the kind.
    const KIND: &'static str;

    /// Reads the view from a canonical body.
    ///
    /// # Errors
    /// A field is not in canonical form, which a body that passed the schema never is.
    fn of(body: &Map<String, Json>) -> Result<Self, Fault> {
        serde_json::from_value(Json::Object(body.clone())).map_err(|error| {
            let rule = format!("{} 记录不是规范形式：{error}。", Self::KIND);
            Fault::new(codes::value::TRUE_FORM, rule, "请运行 hub doctor 检查数据。")
        })
    }
}

/// Declares a view: every field optional, named as in the model.
macro_rules! view {
    ($(#[$doc:meta])* $name:ident of $kind:literal { $($field:ident: $ty:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Default, serde::Deserialize, serde::Serialize)]
        #[serde(default)]
        pub struct $name {
            $(
                #[doc = concat!("`", $kind, ".", stringify!($field), "` of the model.")]
                pub $field: Option<$ty>,
            )*
        }

        impl View for $name {
            const KIND: &'static str = $kind;
        }
    };
}

view! {
    /// 建设项目.
    Project of "project" {
        project_code: String,
        name: String,
        division: String,
        location: String,
        build_org_uscc: String,
        build_org_name: String,
        stage: String,
        above_ground_area: Area,
        residential_area: Area,
        other_civil_area: Area,
        city_class: String,
        required_shelter_area: Area,
        designed_shelter_area: Area,
        relocation_allowed: bool,
        relocation_reason: String,
        relocation_area: Area,
        planning_permitted_on: NaiveDate,
        civil_defence_approved_on: NaiveDate,
    }
}

view! {
    /// 地块及其规划条件.
    Parcel of "parcel" {
        supervision_no: String,
        contract_no: String,
        allocation_no: String,
        parcel_no: String,
        plot_no: String,
        project_code: String,
        division: String,
        location: String,
        supply_way: String,
        land_area: Area,
        price: Money,
        holder_name: String,
        holder_uscc: String,
        signed_on: NaiveDate,
        floor_area_ratio_max: Decimal,
        planning_condition_no: String,
        planning_condition_on: NaiveDate,
        planning_residential_area: Area,
        planning_other_civil_area: Area,
        shelter_ownership: String,
        shelter_area: Area,
        protection_category: String,
        nuclear_grade: String,
        conventional_grade: String,
        chemical_grade: String,
        wartime_functions: Vec<String>,
        relocation_allowed: bool,
        relocation_area: Area,
        relocation_reason: String,
        handover_required: bool,
        handover_to_name: String,
        handover_to_uscc: String,
        registration_required: bool,
        exclusive_entrances_included: bool,
    }
}

view! {
    /// 人防工程.
    Works of "works" {
        works_no: String,
        name: String,
        project_code: String,
        supervision_no: String,
        parcel_no: String,
        unit_no: String,
        division: String,
        location: String,
        standard_address: String,
        origin: String,
        state: String,
        ownership: String,
        owner_name: String,
        owner_uscc: String,
        handover_required: bool,
        build_org_name: String,
        build_org_uscc: String,
        floor_area: Area,
        protected_area: Area,
        entrance_area: Area,
        shelter_area: Area,
        required_area: Area,
        capacity: i64,
        protective_unit_count: i64,
        protection_category: String,
        nuclear_grade: String,
        conventional_grade: String,
        chemical_grade: String,
        wartime_functions: Vec<String>,
        accepted_on: NaiveDate,
        completion_filing_no: String,
        completion_filed_on: NaiveDate,
        registered: bool,
    }
}

view! {
    /// 移交.
    Handover of "handover" {
        handover_no: String,
        works_no: String,
        works_name: String,
        project_code: String,
        division: String,
        state: String,
        giver_name: String,
        giver_uscc: String,
        receiver_name: String,
        receiver_uscc: String,
        floor_area: Area,
        completion_filing_no: String,
        completion_filed_on: NaiveDate,
        due_on: NaiveDate,
        inspected_on: NaiveDate,
        inspection_result: String,
        baseline_on: NaiveDate,
        signed_on: NaiveDate,
        free_of_charge: bool,
    }
}

impl Project {
    /// How much shelter the project must build by its floor areas, with every step.
    ///
    /// The edition of the rule is that of the planning permit, before it is given that of `today`.
    ///
    /// # Errors
    /// The division or both floor areas are unknown, or there is no rule.
    pub fn computed_shelter_area(&self, rules: &Rules, today: NaiveDate) -> Result<RequiredArea, Fault> {
        let missing = |what: &str| {
            Fault::new(
                codes::value::REQUIRED,
                format!("项目缺少{what}，无法计算应建面积。"),
                "请补充项目信息。",
            )
        };
        let division = self.division.as_deref().ok_or_else(|| missing("行政区划"))?;
        if self.residential_area.is_none() && self.other_civil_area.is_none() {
            return Err(missing("住宅和其他民用建筑地上建筑面积"));
        }
        rules.required_area(&Share {
            division,
            city_class: self.city_class.as_deref(),
            residential: self.residential_area.unwrap_or_default(),
            other: self.other_civil_area.unwrap_or_default(),
            on: self.planning_permitted_on.unwrap_or(today),
        })
    }

    /// What is required and not designed, to be built elsewhere; none while either is unknown.
    #[must_use]
    pub fn shortfall(&self) -> Option<Area> {
        let required = self.required_shelter_area?;
        Some(required.checked_sub(self.designed_shelter_area?).unwrap_or_default())
    }
}

impl Parcel {
    /// Whether the land was allocated (划拨), not granted.
    #[must_use]
    pub fn is_allocated(&self) -> bool {
        self.supply_way.as_deref() == Some("1")
    }

    /// The grant contract or allocation decision, whichever there is.
    #[must_use]
    pub fn title_document(&self) -> Option<&str> {
        self.contract_no.as_deref().or(self.allocation_no.as_deref())
    }
}

impl Works {
    /// When the works must be handed over: so many working days after the completion filing. None before the filing, or where
    /// no period is in force.
    #[must_use]
    pub fn handover_due(&self, rules: &Rules, calendar: &Calendar) -> Option<Deadline> {
        let filed_on = self.completion_filed_on?;
        let period = rules.period("handover", self.division.as_deref()?, filed_on)?;
        Some(period.last_day(filed_on, calendar))
    }

    /// `甲类核6级常6级`, as far as known.
    #[must_use]
    pub fn protection_grade(&self, title_of: impl Fn(&str, &str) -> String) -> Option<String> {
        let parts = [
            ("protection_category", &self.protection_category),
            ("nuclear_grade", &self.nuclear_grade),
            ("conventional_grade", &self.conventional_grade),
        ];
        let known: String =
            parts.iter().filter_map(|(list, code)| Some(title_of(list, code.as_deref()?))).collect();
        (!known.is_empty()).then_some(known)
    }
}

impl Handover {
    /// How late it is on a day, in working days; none when signed, or when no day is due.
    #[must_use]
    pub fn working_days_late(&self, calendar: &Calendar, today: NaiveDate) -> Option<u32> {
        let due = self.due_on.filter(|_| self.signed_on.is_none())?;
        Some(calendar.working_days_between(due, today)).filter(|days| *days > 0)
    }
}

#[cfg(test)]
mod tests;
