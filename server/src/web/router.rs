//! Every route of the house's own doors, and the layers around all routes.
//!
//! The layers, outermost first. Order matters:
//! 1. `trace::number`     a number and a log line for every request
//! 2. `relay::recognise`  what another process of the county passed on comes from its visitor
//! 3. `security`          headers on every answer, errors included
//! 4. compression         of what is finally sent
//! 5. `error::dress`      an error becomes a page; sets the form cookie
//! 6. `trace::contain`    a panic or a hang becomes an error
//! 7. `guard::limit`      requests per address; no compressed bodies
//! 8. body pace           a body that stalls for fifteen seconds is cut
//! 9. `relay::relay`      where another process writes the county, it is asked
//! 10. `visitor`          who is asking
//! 11. `guard::protect`   origin, form, token: before any handler that changes something

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use super::error::PageError;
use super::{assets, error, guard, pages, relay, security, trace, visitor};
use crate::app::App;

/// A body must make progress within this time.
const BODY_STALL_MAX: Duration = Duration::from_secs(15);

/// Every route of the platform, grouped by who calls it.
pub fn routes() -> Router<Arc<App>> {
    citizens()
        .merge(staff())
        .merge(sheets())
        .merge(credit())
        .merge(supervision())
        .merge(administration())
        .merge(figures())
        .merge(programs())
}

/// Citizens: no account, works without JavaScript.
fn citizens() -> Router<Arc<App>> {
    use pages::{
        citizen, commenting, demonstration, deposits, dispute, find, guide, log, me, notices, officers, popular,
        powers, time, unified, verify,
    };
    Router::new()
        .route("/", get(citizen::show_home))
        .route("/about", get(citizen::show_about))
        .route("/find", get(find::show_found))
        .route("/find/{guide}", get(find::show_life_guide))
        .route("/answers/{id}", get(find::show_answer))
        .route("/ask", get(dispute::show_ask_form).post(dispute::submit_ask_form))
        .route("/guide", get(guide::list_guides))
        .route("/guide/time", get(time::show_time))
        .route("/guide/{procedure}", get(guide::show_guide))
        .route("/disputes/new", get(dispute::show_form).post(dispute::submit_form))
        .route("/legal-aid/new", get(dispute::show_aid_form).post(dispute::submit_aid_form))
        .route("/consultations", get(commenting::list_drafts))
        .route("/consultations/{id}", get(commenting::show_draft).post(commenting::submit_comment))
        .route("/consultations/{id}/files/{digest}", get(commenting::download_file))
        .route("/track", get(citizen::show_track).post(citizen::submit_track))
        .route("/me", get(me::show_me))
        .route("/me/enter", get(me::show_enter).post(me::submit_enter))
        .route("/me/code", post(me::send_code))
        .route("/me/unified", get(unified::depart))
        .route("/me/unified/back", get(unified::come_back))
        .route("/me/out", post(me::go_out))
        .route("/me/leave", get(me::show_leave).post(me::submit_leave))
        .route("/me/prove", post(me::prove))
        .route("/me/told", post(me::submit_told))
        .route("/me/drafts", post(me::keep_draft))
        .route("/me/drafts/drop", post(me::drop_draft))
        .route("/me/matters/{id}", get(me::show_matter).post(me::submit_step))
        .route("/verify", get(verify::show_verify))
        .route("/verify/{code}", get(verify::show_attestation))
        .route("/verify/{code}/receipt", get(verify::download_receipt))
        .route("/penalties", get(citizen::list_penalties))
        .route("/penalties/{id}", get(citizen::show_penalty))
        .route("/powers", get(powers::list_powers))
        .route("/officers", get(officers::list_officers))
        .route("/popular", get(popular::show_popular))
        .route("/villages", get(popular::list_villages))
        .route("/villages/{town}", get(popular::show_town))
        .route("/record", get(deposits::show_record))
        .route("/record/{id}/checkpoint", get(deposits::download_checkpoint))
        .route("/record/{id}/token", get(deposits::download_token))
        .route("/log/{*path}", get(log::show_log))
        .route("/calendar/{secret}", get(notices::show_calendar))
        .route("/demo", get(demonstration::show_personas).post(demonstration::submit_persona))
        .route("/demo/day", get(demonstration::show_day).post(demonstration::submit_day))
}

/// Staff: work, matters, documents.
fn staff() -> Router<Arc<App>> {
    use pages::{
        commenting, court, deposits, desk, evidence, inspections, joint, like_cases, matter, matters, matters_export,
        mediation_sheet, notices, posts, step,
    };
    Router::new()
        .route("/account/post", get(posts::show_posts).post(posts::choose_post))
        .route("/account/notices", get(notices::show_settings).post(notices::submit_settings))
        .route("/account/notices/code", post(notices::submit_code))
        .route("/account/notices/calendar", post(notices::make_calendar))
        .route("/account/notices/calendar/close", post(notices::close_calendar))
        .route("/notices", get(notices::show_notices))
        .route("/notices/seen", post(notices::see_notices))
        .route("/desk", get(desk::show_desk))
        .route("/desk/late", get(desk::show_late))
        .route("/desk/done", get(desk::show_done))
        .route("/joint", get(joint::show_board))
        .route("/joint/wages", get(joint::show_wages))
        .route("/joint/court", get(court::show_court).post(court::check_court))
        .route("/joint/court/enter", post(court::enter_court))
        .route("/mediation/statistics", get(mediation_sheet::show_sheet))
        .route("/mediation/statistics.xlsx", get(mediation_sheet::export_sheet))
        .route("/deposits", get(deposits::show_deposits))
        .route("/deposits/now", post(deposits::deposit_now))
        .route("/deposits/import", post(deposits::import_deposit))
        .route("/deposits/{id}/request", get(deposits::download_request).post(deposits::prepare_request))
        .route("/matters", get(matters::list_matters))
        .route("/registers", get(matters::list_registers))
        .route("/inspections", get(inspections::show_inspections))
        .route("/inspections/draws/{id}", get(inspections::show_draw))
        .route("/like-cases", get(like_cases::list_like_cases))
        .route("/matters/export", get(matters_export::export_matters))
        .route("/matters/new", get(desk::show_openings))
        .route("/matters/new/{procedure}", get(step::show_opening).post(step::submit_opening))
        .route("/matters/{id}", get(matter::show_matter))
        .route("/matters/{id}/comments", get(commenting::list_comments))
        .route("/matters/{id}/reveal", post(matter::reveal))
        .route("/matters/{id}/steps/{step}", get(step::show_step).post(step::submit_step))
        .route("/matters/{id}/instruments/{n}", get(matter::show_instrument))
        .route("/matters/{id}/instruments/{n}/pdf", get(matter::download_pdf))
        .route("/matters/{id}/instruments/{n}/docx", get(matter::download_docx))
        .route("/matters/{id}/volume/{part}", get(matter::download_volume))
        .route("/matters/{id}/files", get(matter::show_files))
        .route("/matters/{id}/files/export", get(matter::export_files))
        .route("/evidence/{digest}", get(evidence::show_evidence))
}

/// 表格导入.
fn sheets() -> Router<Arc<App>> {
    use pages::sheet::{self, check, collect, imports, slip};
    Router::new()
        .route("/sheets", get(sheet::list_sheets))
        .route("/sheets/{procedure}", get(sheet::show_sheet).post(check::check_sheet))
        .route("/sheets/{procedure}/template", get(sheet::download_template))
        .route("/sheets/{procedure}/marked", post(check::download_marked))
        .route("/sheets/{procedure}/import", post(check::import_sheet))
        .route("/sheets/{procedure}/collect", get(collect::show_issue).post(collect::submit_issue))
        .route("/collections/{id}", get(collect::show_collection))
        .route("/collections/{id}/merge", post(collect::merge_collection))
        .route("/collections/{id}/close", post(collect::close_collection))
        .route("/collect/{id}/{unit}/{secret}", get(collect::show_hand_in).post(collect::hand_in))
        .route("/collect/{id}/{unit}/{secret}/template", get(collect::download_collected_template))
        .route("/matters/{id}/slip", get(slip::show_slip).post(slip::reveal_slip))
        .route("/imports/{id}", get(imports::show_import))
        .route("/imports/{id}/undo", post(imports::undo_import))
        .route("/imports/{id}/continue", post(imports::continue_import))
}

/// 信用报送.
fn credit() -> Router<Arc<App>> {
    use pages::credit::{batches, coverage, lists, publications, queue, rules};
    Router::new()
        .route("/credit", get(coverage::show_coverage))
        .route("/credit/organs/{code}", get(coverage::show_organ))
        .route("/credit/generate", post(coverage::generate))
        .route("/credit/queue", get(queue::show_queue))
        .route("/credit/batches", post(queue::send))
        .route("/credit/batches/{name}", get(batches::show_batch))
        .route("/credit/batches/{name}/receipt", post(batches::enter_receipt))
        .route("/credit/batches/{name}/resend", post(batches::resend))
        .route("/credit/batches/{name}/{file}", get(batches::download))
        .route("/credit/publications", get(publications::show_publications))
        .route("/credit/publications/export", get(publications::export_publications))
        .route("/credit/lists", get(lists::show_lists).post(lists::import_list))
        .route("/credit/lists/template", get(lists::download_template))
        .route("/credit/lists/{id}", get(lists::show_list))
        .route("/law/credit", get(rules::show_rules))
}

/// 案卷评查, 执法监督, 执法培训.
fn supervision() -> Router<Arc<App>> {
    use pages::reviews::{before, list, round, sheet};
    use pages::{dispatch, training, yearly};
    Router::new()
        .route("/enforcement/yearly", get(yearly::show_yearly))
        .route("/enforcement/yearly.xlsx", get(yearly::export_yearly))
        .route("/supervision", get(dispatch::show_dispatch))
        .route("/training", get(training::show_training))
        .route("/reviews", get(list::list_reviews))
        .route("/reviews/{id}", get(sheet::show_sheet).post(sheet::submit_sheet))
        .route("/reviews/rounds/{id}", get(round::show_round))
        .route("/matters/{id}/precheck", get(before::show_before))
}

/// Administrators: people, posts, sessions, notices of days off; no case content.
fn administration() -> Router<Arc<App>> {
    use pages::{admin, notices};
    Router::new()
        .route("/admin", get(admin::list_people))
        .route("/admin/people/new", get(admin::show_new_person).post(admin::submit_new_person))
        .route("/admin/people/{id}", get(admin::show_person))
        .route("/admin/people/{id}/posts/new", get(admin::show_grant).post(admin::submit_grant))
        .route("/admin/posts/{id}/end", get(admin::show_end).post(admin::submit_end))
        .route("/admin/quarantine", get(admin::list_quarantine))
        .route("/admin/quarantine/{digest}", post(admin::settle_quarantined))
        .route("/admin/log", get(admin::show_publication))
        .route("/admin/notices", get(notices::show_console))
        .route("/admin/notices/again", post(notices::send_again))
        .route("/admin/people/{id}/account", post(admin::open_account))
        .route("/admin/people/{id}/account/change", post(admin::change_account))
        .route("/admin/people/{id}/sessions/end", post(admin::end_session))
        .route("/admin/people/{id}/tokens", post(admin::issue_token))
        .route("/admin/people/{id}/tokens/revoke", post(admin::revoke_token))
        .route("/admin/calendar", get(admin::show_calendar).post(admin::preview_calendar))
        .route("/admin/calendar/load", post(admin::load_calendar))
        .route("/admin/calendar/{seq}", get(admin::show_loaded))
}

/// Figures and the law.
fn figures() -> Router<Arc<App>> {
    use pages::{calendars, discretion, edition, figures, fill, law, limits, procedure, statutes};
    Router::new()
        .route("/figures", get(figures::list_figures))
        .route("/figures/fill", get(fill::show_fill).post(fill::fill_sheet))
        .route("/figures/{id}", get(figures::show_figure))
        .route("/law", get(law::list_procedures))
        .route("/law/procedures", get(law::list_procedures))
        .route("/law/procedures/{id}", get(procedure::show_procedure))
        .route("/law/procedures/{id}/steps", get(procedure::show_steps))
        .route("/law/procedures/{id}/rules", get(procedure::show_rules))
        .route("/law/limits", get(limits::list_limits))
        .route("/law/discretion", get(discretion::list_benchmarks))
        .route("/law/discretion/export", get(discretion::export_benchmarks))
        .route("/law/discretion/edition", get(edition::show_edition).post(edition::check_edition))
        .route("/law/refusals", get(law::list_refusals))
        .route("/law/calendars", get(calendars::list_calendars))
        .route("/law/statutes", get(statutes::list_statutes))
        .route("/law/statutes/{short}", get(statutes::show_statute))
        .route("/law/statutes/{short}/compare", get(statutes::show_comparison))
        .route("/law/statutes/{short}/impact", get(statutes::show_impact))
        .route("/law/statutes/{short}/{adopted}", get(statutes::show_edition))
        .route("/law/statutes/{short}/{adopted}/{article}", get(statutes::show_article))
}

/// Programs with a token.
fn programs() -> Router<Arc<App>> {
    use super::api::{self, act, list, papers, read};
    Router::new()
        .route("/api/v1/openapi.json", get(api::show_openapi))
        .route("/api/v1/figures", get(read::show_figures))
        .route("/api/v1/credit/coverage", get(read::show_credit_coverage))
        .route("/api/v1/enforcement/yearly", get(read::show_yearly))
        // One place in the path, two words for it: POST opens a matter of a procedure, GET shows a matter.
        .route("/api/v1/matters", get(list::list_matters))
        .route("/api/v1/matters/{id}", get(read::show_matter).post(act::open_matter))
        .route("/api/v1/matters/{id}/steps/{step}", post(act::take_step))
        .route("/api/v1/matters/{id}/instruments/{n}/{form}", get(papers::take_instrument))
        .route("/api/v1/matters/{id}/volume/{part}", get(papers::take_volume))
        .route("/api/v1/credit/batches", get(papers::list_batches).post(papers::send_batch))
        .route("/api/v1/credit/batches/{name}/{file}", get(papers::take_batch))
}

/// The whole site: our own doors and `routes`, inside all layers.
pub fn site(app: Arc<App>, routes: Router<Arc<App>>) -> Router {
    routes
        .merge(doors())
        .fallback(async || PageError::NotFound)
        .method_not_allowed_fallback(async || PageError::Method)
        .layer(from_fn_with_state(Arc::clone(&app), guard::protect))
        .layer(from_fn_with_state(Arc::clone(&app), visitor::recognise))
        .layer(from_fn_with_state(Arc::clone(&app), relay::relay))
        .layer(RequestBodyTimeoutLayer::new(BODY_STALL_MAX))
        .layer(from_fn_with_state(Arc::clone(&app), guard::limit))
        .layer(from_fn(trace::contain))
        .layer(from_fn_with_state(Arc::clone(&app), error::dress))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(Arc::clone(&app), security::add_headers))
        .layer(from_fn_with_state(Arc::clone(&app), relay::recognise))
        .layer(from_fn(trace::number))
        .with_state(app)
}

/// Signing in and out, one's own account, files, health.
fn doors() -> Router<Arc<App>> {
    use pages::account;
    Router::new()
        .route("/login", get(account::show_login).post(account::submit_login))
        .route("/logout", post(account::submit_logout))
        .route("/account/password", get(account::show_password).post(account::submit_password))
        .route("/account/sessions", get(account::list_sessions))
        .route("/account/sessions/end", post(account::end_session))
        .route("/look", post(pages::look::submit_look))
        .route("/static/{digest}/{name}", get(assets::show_asset))
        .route("/robots.txt", get(assets::show_robots))
        .route("/healthz", get(show_health))
}

/// `GET /healthz`: whether acts can be recorded: the store writes, or another process is known to, and the clock can be believed.
async fn show_health(State(app): State<Arc<App>>) -> Response {
    let somebody_writes = app.db.lease().is_none_or(|lease| lease.epoch().is_some() || lease.other().is_some());
    match (app.db.failure(), app.check_clock()) {
        (None, Ok(())) if somebody_writes => "ok\n".into_response(),
        _ => PageError::Unavailable.into_response(),
    }
}
