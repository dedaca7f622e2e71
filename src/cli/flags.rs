//! Flags every command takes; those that are settings go into `config` under the same name.

use crate::config::Texts;

#[derive(clap::Args)]
pub(super) struct Flags {
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help = "配置文件（TOML）；不给则读数据目录里的 hub.toml（若有）"
    )]
    config: Option<String>,
    #[arg(long, global = true, value_name = "DIR", help = "数据目录，默认 ./data")]
    data: Option<String>,
    #[arg(long, global = true, value_name = "URL", help = "数据库地址：sqlite://路径 或 postgres://…")]
    database_url: Option<String>,
    #[arg(long, global = true, value_name = "DIR", help = "映射目录，补充或替换内置映射")]
    mappings: Option<String>,
    #[arg(long, global = true, value_name = "DIR", help = "模板目录，补充或替换内置模板")]
    templates: Option<String>,
    #[arg(long, global = true, value_name = "DIR", help = "字体目录，最先查找")]
    fonts: Option<String>,
    #[arg(long, global = true, value_name = "ADDR", help = "监听地址，默认 127.0.0.1:8080")]
    listen: Option<String>,
    #[arg(long, global = true, help = "结果以 JSON 输出")]
    pub(super) json: bool,
    #[arg(long, short, global = true, help = "只输出结果，不显示进度")]
    pub(super) quiet: bool,
    #[arg(long, short, global = true, help = "日志详细到 debug")]
    verbose: bool,
}

impl Flags {
    /// The flags that are settings, by key.
    pub(super) fn texts(&self) -> Texts {
        let level = self.verbose.then(|| "debug".to_owned());
        [
            ("config", &self.config),
            ("data", &self.data),
            ("database_url", &self.database_url),
            ("mappings", &self.mappings),
            ("templates", &self.templates),
            ("fonts", &self.fonts),
            ("listen", &self.listen),
            ("log.level", &level),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value.clone()?)))
        .collect()
    }
}
