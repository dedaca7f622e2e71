//! `hub account`: people's accounts and roles.

use serde_json::json;

use super::{Call, Exit};
use crate::boot::{self, Hub, Missing};
use crate::clock;
use crate::crypto;
use crate::error::{Error, Result, codes};
use crate::store::{
    Account, AccountId, NewAudit, Role, Standing, append_audit, find_account_by_login, grant_role,
    insert_account, list_accounts, set_password,
};

#[derive(clap::Args)]
#[command(about = "人员账号：新建、列出、重置密码")]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    #[command(about = "新建账号，初始密码只在这里显示")]
    Create {
        #[arg(value_name = "LOGIN", help = "用户名")]
        login: String,
        #[arg(long, value_name = "NAME", help = "姓名")]
        name: String,
        #[arg(
            long,
            value_name = "ROLE",
            required = true,
            help = "角色，可写多个：drafter signer registrar steward reform_office reporter viewer 等"
        )]
        role: Vec<String>,
        #[arg(long, value_name = "ID", help = "所属部门标识，如 civil_defence")]
        department: Option<String>,
    },
    #[command(about = "列出账号和角色")]
    List,
    #[command(about = "重置密码并退出全部登录，新密码只在这里显示")]
    Reset {
        #[arg(value_name = "LOGIN", help = "用户名")]
        login: String,
    },
}

pub(super) fn run(args: Args, call: &mut Call) -> Result<Exit> {
    let hub = boot::open(call.config.clone(), Missing::Refuse)?;
    match args.what {
        What::Create { login, name, role, department } => {
            let roles = role.iter().map(|it| parse_role(it)).collect::<Result<Vec<Role>>>()?;
            let new =
                NewPerson { login: &login, name: &name, department: department.as_deref(), roles: &roles };
            let password = create(&hub, &new, "cli")?;
            call.out.either(&json!({ "login": login, "password": password }), || {
                format!("账号 {login} 已建，初始密码 {password}（只显示这一次）。")
            });
        }
        What::List => {
            for (account, roles) in hub.store.read(list_accounts)? {
                let titles: Vec<&str> = roles.iter().map(|it| it.title()).collect();
                let row = json!({ "login": account.login, "name": account.name, "roles": roles, "status": account.status });
                call.out
                    .either(&row, || format!("{}  {}  {}", account.login, account.name, titles.join("、")));
            }
        }
        What::Reset { login } => {
            let found = hub.store.read(|conn| find_account_by_login(conn, &login))?;
            let account =
                found.ok_or_else(|| Error::new(codes::record::NOT_FOUND, format!("没有账号“{login}”。")))?;
            let password = fresh_password()?;
            let hash = crypto::hash_password(&password)?;
            hub.store.write(|conn| set_password(conn, &account.id, &hash, true, clock::now()))?;
            call.out.either(&json!({ "login": login, "password": password }), || {
                format!("账号 {login} 的新密码是 {password}（只显示这一次）。")
            });
        }
    }
    Ok(Exit::Ok)
}

fn parse_role(text: &str) -> Result<Role> {
    Role::parse(text).ok_or_else(|| {
        let known: Vec<String> =
            Role::ALL.iter().map(|it| format!("{}（{}）", it.as_str(), it.title())).collect();
        Error::new(codes::people::UNKNOWN_ROLE, format!("没有角色“{text}”，可用：{}。", known.join("、")))
    })
}

/// A password nobody guesses and anybody can type.
fn fresh_password() -> Result<String> {
    Ok(crypto::random_token()?.chars().filter(char::is_ascii_alphanumeric).take(14).collect())
}

/// A person to be.
pub(super) struct NewPerson<'a> {
    pub login: &'a str,
    pub name: &'a str,
    pub department: Option<&'a str>,
    pub roles: &'a [Role],
}

/// Makes an account and returns its first password.
pub(super) fn create(hub: &Hub, new: &NewPerson<'_>, by: &str) -> Result<String> {
    let (now, password) = (clock::now(), fresh_password()?);
    let account = Account {
        id: AccountId::fresh(now),
        login: new.login.to_owned(),
        name: new.name.to_owned(),
        department: new.department.map(str::to_owned),
        division: None,
        phone: None,
        password_hash: crypto::hash_password(&password)?,
        status: Standing::Active,
        must_change_password: false,
        password_changed_at: now.into(),
        failed_tries: 0,
        locked_until: None,
        last_login_at: None,
        created_at: now.into(),
        created_by: by.to_owned(),
    };
    hub.store.write(|conn| {
        insert_account(conn, &account)?;
        for role in new.roles {
            grant_role(conn, &account.id, *role, by, now)?;
        }
        let detail = json!({ "roles": new.roles });
        let audit = NewAudit {
            actor: by,
            action: "account.created",
            object_kind: "account",
            object_id: account.id.as_str(),
            detail: &detail,
            trace_id: None,
        };
        append_audit(conn, &audit, now)
    })?;
    Ok(password)
}
