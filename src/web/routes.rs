//! Every route of the hub, in one list. The server, the OpenAPI description and the tests read it.

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, Route, web};

use super::answer::{failure, not_allowed};
use super::{api, console, openapi, portal};
use crate::error::{Error, codes};

/// Who may come in by a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Anybody.
    Open,
    /// A partner with a signed request.
    Signed,
    /// A person with a session.
    Person,
}

/// One route.
pub struct Entry {
    /// HTTP method.
    pub method: Method,
    /// Path pattern.
    pub path: &'static str,
    /// Who may come in.
    pub door: Door,
    /// What it does, Chinese, one line.
    pub about: &'static str,
    /// Its handler.
    pub make: fn() -> Route,
}

macro_rules! routes {
    ($($method:ident $path:literal $door:ident $about:literal $handler:path;)*) => {
        &[$(Entry {
            method: Method::$method,
            path: $path,
            door: Door::$door,
            about: $about,
            make: || Route::new().method(Method::$method).to($handler),
        },)*]
    };
}

/// The API and the operator's pages.
pub const API: &[Entry] = routes! {
    GET  "/healthz"      Open "进程是否活着"   api::health::live;
    GET  "/readyz"       Open "能否接收请求：数据库可用、迁移到位、映射已加载" api::health::ready;
    GET  "/metrics"      Open "运行指标（Prometheus 文本）" api::health::metrics;
    GET  "/api/v1/exchange/{partner}/reconciliation" Signed "对账：一天里与本单位收发了什么，各收下、退回、等待多少（XML）" api::reconciliation::show;
    POST "/api/v1/exchange/{partner}/{message}" Signed "发送一份报文：落盘后才答复，答复即回执" api::exchange::post;
    POST "/api/v1/exchange/{partner}/{message}/check" Signed "试算一份报文：答复与正式发送相同，什么也不存" api::exchange::check;
    GET  "/api/v1/messages/{id}" Signed "本单位发送的报文的状态和回执" api::messages::show;
    GET  "/api/v1/records/{kind}" Signed "按业务键查一条记录" api::records::find;
    GET  "/api/v1/records/{kind}/{id}" Signed "按记录号查一条记录" api::records::show;
    GET  "/api/v1/records/{kind}/{id}/provenance" Signed "一条记录每个值的来源：部门、报文、报文中的位置" api::records::provenance;
    GET  "/api/v1/changes" Signed "拉取订阅的变更（自游标之后），或按业务键取一条；规范 JSON 或本单位自己的报文" api::changes::pull;
    GET  "/api/v1/deliveries" Signed "向本单位的投递记录，可按状态、订阅筛选" api::changes::list;
    GET  "/api/v1/deliveries/{id}" Signed "一份投递的每次尝试：所发、所答、耗时" api::changes::show;
    POST "/api/v1/deliveries/{id}/replay" Signed "把一份投递再发一次，编号不变" api::changes::replay;
    GET  "/api/v1/plans" Signed "正在跟踪的任务方案" api::task::plans;
    GET  "/api/v1/plans/{plan}/tasks" Signed "任务清单：状态、时限、亮灯及理由，可按部门、灯色、状态筛选" api::task::list;
    GET  "/api/v1/plans/{plan}/tasks/{no}" Signed "一项任务的全部办理记录" api::task::show;
    POST "/api/v1/plans/{plan}/tasks/{no}/deeds" Signed "办理一步：签收、填报、申请延期或办结、批复" api::task::act;
    GET  "/api/v1/plans/{plan}/breakdown" Signed "任务分解表（责任部门、任务分解）" api::task::breakdown;
    GET  "/api/v1/plans/{plan}/breakdown.xlsx" Signed "任务分解表和任务台账（XLSX）" api::task::workbook;
    POST "/api/v1/plans/{plan}/import" Signed "导入任务分解表（XLSX、CSV），可先试算" api::task::import;
    GET  "/openapi.json" Open "接口描述（OpenAPI 3.1）" openapi::show;
    GET  "/api/v1/codes" Open "全部错误码：含义、原因、办法、可否重试" api::codes::list;
};

/// The console's pages.
pub const PAGES: &[Entry] = routes! {
    GET  "/login" Open "登录页" console::sign_in::form;
    POST "/login" Open "登录" console::sign_in::enter;
    POST "/logout" Person "退出" console::sign_in::leave;
    GET  "/assets/{name}" Open "页面所用的样式和脚本" console::files::asset;
    GET  "/" Person "工作台" console::workbench::page;
    GET  "/search" Person "查找：文书、记录、任务、报文" console::search::page;
    GET  "/projects" Person "项目" console::records::projects;
    GET  "/records/{kind}" Person "一类记录" console::records::list;
    GET  "/records/{kind}/export" Person "一类记录导出为 Excel 或 CSV" console::export::records;
    GET  "/records/{kind}/{id}" Person "一条记录及其来源" console::records::one;
    GET  "/records/{kind}/{id}/fields/{field}" Person "一个要素的全部来源" console::records::history;
    GET  "/discrepancies" Person "部门间数据不一致" console::records::differences;
    GET  "/claims/{id}/{field}" Person "转到报文中的位置" console::messages::claim;
    GET  "/exchange" Person "报文和隔离区" console::messages::list;
    GET  "/exchange/subscriptions" Person "订阅：线路、进度、没有投递到的" console::subscriptions::list;
    GET  "/exchange/subscriptions/{id}" Person "一个订阅的约定和进度" console::subscriptions::one;
    POST "/exchange/subscriptions/{id}/stop" Person "停止订阅" console::subscriptions::stop;
    POST "/exchange/subscriptions/{id}/resume" Person "恢复订阅" console::subscriptions::resume;
    POST "/exchange/subscriptions/{id}/again" Person "重发一个订阅的投递" console::subscriptions::again;
    POST "/exchange/subscriptions/way/{partner}/hold" Person "暂停向一个单位推送" console::subscriptions::hold;
    POST "/exchange/subscriptions/way/{partner}/reopen" Person "放开向一个单位的推送" console::subscriptions::reopen;
    GET  "/exchange/deliveries" Person "投递记录" console::deliveries::list;
    GET  "/exchange/deliveries/{id}" Person "一份投递的每次尝试" console::deliveries::one;
    POST "/exchange/deliveries/{id}/again" Person "再发一次" console::deliveries::again;
    GET  "/exchange/reconciliation" Person "对账" console::reconciliation::page;
    GET  "/exchange/reconciliation/export" Person "一天的对账导出为 Excel 或 XML" console::reconciliation::export;
    GET  "/exchange/groups" Person "原因相同的隔离报文" console::quarantine::page;
    POST "/exchange/groups" Person "集中处理隔离报文" console::quarantine::start;
    POST "/exchange/groups/preview" Person "集中处理的预览" console::quarantine::preview;
    POST "/exchange/groups/{id}/{deed}" Person "暂停、继续、取消集中处理" console::quarantine::act;
    GET  "/exchange/{id}" Person "一份报文" console::messages::one;
    GET  "/exchange/{id}/raw" Person "报文原文" console::messages::raw;
    POST "/exchange/{id}/replay" Person "重新处理隔离报文" console::messages::replay;
    POST "/exchange/{id}/close" Person "隔离报文结案" console::messages::close;
    GET  "/documents" Person "文书" console::documents::list;
    POST "/documents" Person "拟稿" console::drafts::create;
    GET  "/documents/new" Person "选文种和记录" console::drafts::choose;
    GET  "/documents/{id}" Person "一份文书" console::documents::one;
    GET  "/documents/{id}/edit" Person "填写表单" console::drafts::edit;
    POST "/documents/{id}/save" Person "保存表单" console::drafts::save;
    POST "/documents/{id}/refresh" Person "取最新数据" console::drafts::refresh;
    GET  "/documents/{id}/preview" Person "样稿" console::documents::preview;
    GET  "/documents/{id}/file" Person "正本" console::documents::file;
    GET  "/documents/{id}/copy" Person "另存为 OFD、PDF/A-1b 或 DOCX" console::copies::copy;
    POST "/documents/{id}/rebind" Person "改用现行模板" console::deeds::rebind;
    POST "/documents/{id}/deeds/{deed}" Person "办理一步：提交、核稿、签发、编号、用印、印发、归档、退回、取回、转办、作废、重发" console::deeds::act;
    GET  "/documents/{id}/files/{file}" Person "文书的一个文件" console::documents::attached;
    POST "/documents/{id}/services" Person "登记送达" console::services::begin;
    GET  "/documents/{id}/sheet" Person "发文单" console::package::sheet;
    GET  "/documents/{id}/package.zip" Person "归档包" console::package::package;
    GET  "/batches" Person "批量办理" console::batches::list;
    POST "/batches" Person "上传表格成批" console::batch_new::upload;
    GET  "/batches/new" Person "选文种，上传表格或查询记录" console::batch_new::choose;
    GET  "/batches/blank" Person "一个文种的空表" console::batch_new::blank;
    POST "/batches/query" Person "查询记录成批" console::batch_new::from_query;
    GET  "/batches/{id}" Person "一批文书：核对、确认、进度、结果" console::batches::one;
    GET  "/batches/{id}/items/{row}" Person "一行的样稿" console::batches::item;
    GET  "/batches/{id}/faults.xlsx" Person "退回的表格，末列写明错误" console::batches::faults;
    GET  "/batches/{id}/archive.zip" Person "已印发的文书和明细" console::batches::archive;
    POST "/batches/{id}/deeds/{deed}" Person "办理一批：提交、核稿、签发、开始、暂停、继续、再办、退回、取消" console::batches::act;
    GET  "/deliveries" Person "送达" console::services::list;
    POST "/deliveries/{id}/finish" Person "登记送达结果" console::services::finish;
    POST "/deliveries/{id}/fail" Person "登记未送达" console::services::fail;
    POST "/deliveries/{id}/files" Person "上传回证材料" console::services::attach;
    GET  "/registers" Person "文号簿" console::registers::page;
    POST "/registers" Person "预留文号" console::registers::reserve;
    POST "/registers/skip" Person "注销预留号" console::registers::skip;
    GET  "/verify" Open "核验文书" console::verify::ask;
    GET  "/verify/{code}" Open "按核验码核验文书" console::verify::page;
    POST "/verify/{code}" Open "比对文件指纹" console::verify::compare;
    GET  "/tasks" Person "任务板" console::tasks::page;
    GET  "/tasks/{plan}/workbook" Person "任务分解表（Excel）" console::tasks::workbook;
    GET  "/tasks/{plan}/{no}" Person "一项任务" console::tasks::one;
    POST "/tasks/{plan}/{no}" Person "任务办理" console::tasks::deed;
};

/// The portal's pages, for partners' engineers.
pub const PORTAL: &[Entry] = routes! {
    GET  "/portal" Open "快速开始" portal::start::page;
    GET  "/portal/messages" Open "各单位的报文" portal::messages::list;
    GET  "/portal/messages/{partner}/{message}" Open "一种报文：地址、格式、每一项、样例、答复" portal::messages::one;
    GET  "/portal/messages/{partner}/{message}/samples/{name}" Open "一份样例" portal::samples::file;
    GET  "/portal/snippets/{partner}/{message}/{name}" Open "发送程序" portal::snippets::file;
    GET  "/portal/schemes" Open "签名方案和算例" portal::schemes::page;
    GET  "/portal/receipts" Open "答复和回执" portal::receipts::page;
    GET  "/portal/codes" Open "错误码" portal::codes::page;
    GET  "/portal/lists" Open "代码表" portal::lists::page;
    GET  "/portal/try" Open "调试台" portal::trial::form;
    POST "/portal/try" Open "试一份报文，什么也不存" portal::trial::check;
    GET  "/portal/status" Open "状态和限额" portal::status::page;
    GET  "/portal/changes" Open "变更" portal::changes::page;
};

fn all() -> impl Iterator<Item = &'static Entry> {
    API.iter().chain(PAGES).chain(PORTAL)
}

/// Registers every route; a known path with another method answers 405, an unknown path 404.
pub fn configure(config: &mut web::ServiceConfig) {
    let mut paths: Vec<&'static str> = all().map(|entry| entry.path).collect();
    paths.dedup();
    for path in paths {
        let mut resource = web::resource(path);
        for entry in all().filter(|entry| entry.path == path) {
            resource = resource.route((entry.make)());
        }
        config.service(resource.default_service(web::to(other_method)));
    }
}

async fn other_method(req: HttpRequest) -> HttpResponse {
    let pattern = req.match_pattern().unwrap_or_default();
    let methods: Vec<&str> =
        all().filter(|entry| entry.path == pattern).map(|entry| entry.method.as_str()).collect();
    not_allowed(&req, &methods.join(", "))
}

/// 404 in the envelope.
pub async fn nowhere(req: HttpRequest) -> HttpResponse {
    failure(&req, &Error::new(codes::transport::PATH_UNKNOWN, format!("没有 {} 这个网址。", req.path())))
}
