"""Every fact the record-level rules ask for: the questions of the law, each with who can answer it.

Facts of records and authors come from detectors, columns and the register (room `facts`). Facts of a
source are keys of `[[source]]`, facts of the project keys of `[project]` in klarera.toml. Facts of the run
klarera computes itself. An unknown fact of a source, a project or the run is a condition, never a hold.
"""

from __future__ import annotations

from klarera.law.expression import Fact
from klarera.model import Grade, Purpose, Scope

__all__ = ["FACTS"]

# --- one record: what its text says ----------------------------------------------------------------------


def _found(name: str, ask: str, kinds: str) -> Fact:
    return Fact(
        name, ask, Scope.RECORD, supplier=f"detectors: {kinds}", grade=Grade.COMPUTED,
        help="False means looked for and not found; unknown means nobody looked, or it is unclear whom it "
             "concerns.",
    )  # fmt: skip


has_contact = _found("has_contact", "Does the text hold an e-mail address or telephone number?", "EMAIL, PHONE")
has_contact_other = _found(
    "has_contact_other",
    "Is it contact data of somebody other than the author?",
    "EMAIL, PHONE about another person",
)
has_name = _found("has_name", "Does the text name a person?", "PERSON")
has_handle = _found("has_handle", "Does the text hold an account name or a profile address?", "HANDLE, PROFILE_URL")
has_financial = _found("has_financial", "Does the text hold an account, card or wallet number?", "IBAN, CARD, WALLET")
has_official_id = _found(
    "has_official_id",
    "Does the text hold an official number, document, plate or date of birth?",
    "NATIONAL_ID, ID_DOCUMENT, PLATE, BIRTH_DATE",
)
has_device = _found("has_device", "Does the text hold a network or device address?", "IP, MAC")
has_location = _found("has_location", "Does the text hold a postal address or exact place?", "ADDRESS, GEO")
has_secret = _found("has_secret", "Does the text hold a password, key or token?", "SECRET")
names_other = _found(
    "names_other",
    "Does the text identify a person other than the author?",
    "identifiers about another person",
)
art9_author = _found(
    "art9_author",
    "Does the author state a special category (GDPR Art. 9(1)) about themselves?",
    "HEALTH to BIOMETRIC",
)
art9_other = _found(
    "art9_other",
    "Does the text state a special category about another identifiable person?",
    "HEALTH to BIOMETRIC about another person",
)
art9_implied = _found(
    "art9_implied",
    "Does the text deny, quote, ask or wish a special category of an identifiable person?",
    "HEALTH to BIOMETRIC, stance other than stated",
)
art10_author = _found("art10_author", "Does the author state an own offence or conviction?", "CRIMINAL")
art10_other = _found(
    "art10_other",
    "Does the text state an offence or conviction of another person?",
    "CRIMINAL about another person",
)
minor_other = _found("minor_other", "Does the text say that another identifiable person is below 18?", "MINOR")
objection_text = _found("objection_text", "Does the text itself object to the use of its author's data?", "OBJECTION")
objection_chain = _found("objection_chain", "Is the text a circulated chain post that objects?", "CHAIN_OBJECTION")

# --- one record: what came with it -----------------------------------------------------------------------


def _column(name: str, ask: str, column: str, hint: str = "") -> Fact:
    return Fact(name, ask, Scope.RECORD, supplier=f"column {column}", help=hint)


author_known = _column("author_known", "Is it known who wrote the record?", "author or author_name")
visibility_public = _column("visibility_public", "Could anyone see the record where it was published?", "visibility")
visibility_login = _column("visibility_login", "Could only registered members see the record?", "visibility")
visibility_private = _column("visibility_private", "Was the record private or for a restricted audience?", "visibility")
licence_open = _column("licence_open", "Does the record carry a licence that lets anyone copy and reuse it?", "licence")
licence_forbids = _column("licence_forbids", "Does the record carry terms that refuse this use?", "licence")
reserved_machine = _column(
    "reserved_machine",
    "Did the record come with a machine-readable reservation of text and data mining?",
    "http_headers",
    "As it stood when the page was fetched.",
)
published_before_notice = _column(
    "published_before_notice",
    "Was the record published before people were told of the use?",
    "published_at, and notice_date of the source",
)
third_objected = Fact(
    "third_objected", "Does the record concern another person who has objected, or does an objection name it?",
    Scope.RECORD, supplier="register, by the key of a finding about another person or of the record's url",
    grade=Grade.COMPUTED,
)  # fmt: skip
third_named = Fact(
    "third_named", "Does a personal name stand in the record under which somebody has objected?", Scope.RECORD,
    supplier="register, by the names looked for in the text", grade=Grade.COMPUTED,
    help="A name may be a namesake's; whose it is, third_meant asks.",
)  # fmt: skip
third_meant = Fact(
    "third_meant", "Is the person so named the one who objected, and no namesake?", Scope.RECORD,
    supplier="judged by a named person", help="Whoever objected may be asked for what tells them apart (Art. 12(6)).",
)  # fmt: skip

# --- the author ------------------------------------------------------------------------------------------


def _author(name: str, ask: str, supplier: str, hint: str = "", *, judgement: bool = False) -> Fact:
    return Fact(name, ask, Scope.AUTHOR, supplier=supplier, help=hint, judgement=judgement)


_AGE = "columns author_is_minor, author_birth_year; detectors MINOR, ADULT in any record of the author"
author_minor = _author("author_minor", "Is the author below 18?", _AGE)
author_adult = _author("author_adult", "Is the author known to be 18 or older?", _AGE)
author_objected = _author(
    "author_objected",
    "Has the author objected to this use of their data?",
    "register; OBJECTION in any record",
)
author_chain_objected = _author(
    "author_chain_objected",
    "Has the author posted a chain post that objects?",
    "CHAIN_OBJECTION in any record",
)
author_erased = _author("author_erased", "Has the author asked for erasure?", "register")
author_consented = _author(
    "author_consented", "Has the author consented to exactly this purpose, special categories included?",
    "register",
    "Only an explicit consent for this purpose belongs in the register as consent (GDPR Arts. 7, 9(2)(a)).",
)  # fmt: skip
author_reserved_rights = _author(
    "author_reserved_rights", "Has the author reserved text and data mining of their works?", "register"
)
author_restricted = _author(
    "author_restricted", "Does the author have a restriction of processing running (GDPR Art. 18(1)(a)-(c))?",
    "judged by a named person",
)  # fmt: skip
parent_authorised = _author(
    "parent_authorised", "Did a holder of parental responsibility give or authorise the consent?",
    "judged by a named person", "Reasonable efforts to verify are the controller's (GDPR Art. 8(2)).",
)  # fmt: skip
author_of_consent_age = _author(
    "author_of_consent_age", "Has the author reached the age of digital consent of their state?",
    "judged by a named person, with the dated table of ages (gdpr/article_8.tsv)",
)  # fmt: skip
compelling_grounds = _author(
    "compelling_grounds", "Are compelling grounds shown that override this person's objection, or legal "
    "claims?",
    "judged by a named person", "The controller has to show them (GDPR Art. 21(1)); the default is none.",
    judgement=True,
)  # fmt: skip
objection_decided = _author(
    "objection_decided", "Has this objection been decided, and the person told?", "judged by a named person",
    "Until then the data may only be stored (GDPR Art. 18(1)(d)).",
)  # fmt: skip
erasure_refused = _author(
    "erasure_refused", "Does an exception of GDPR Art. 17(3) stand against the erasure?",
    "judged by a named person",
    judgement=True,
)  # fmt: skip

# --- the source: keys of [[source]] ----------------------------------------------------------------------


def _source(name: str, ask: str, hint: str = "", *, kind: str = "bool", words: tuple[str, ...] = ()) -> Fact:
    return Fact(name, ask, Scope.SOURCE, type=kind, supplier="klarera.toml [[source]]", help=hint, words=words)


obtained = _source(
    "obtained", "How were the data of this source obtained?",
    "From the own platform, by scraping, by buying or downloading a set, from an archive under licence, from "
    "prompts of users, from devices, or through researcher access (DSA Art. 40).",
    kind="word",
    words=("first-party-platform", "third-party-scrape", "purchased-set", "licensed-archive", "user-prompt",
           "device-telemetry", "dsa40-research"),
)  # fmt: skip
visibility = _source(
    "visibility", "Who could see the posts of this source?",
    "It settles records whose own column is empty; what a record's column says comes first.",
    kind="word", words=("public", "login", "restricted", "private"),
)  # fmt: skip
public_by_choice = _source(
    "public_by_choice",
    "Did each author choose by an individual setting, knowing what it does, that anyone may see the post?",
    "A default that is public is no such choice (CJEU C-252/21, paras 82-85).",
)
ages_checked = _source(
    "ages_checked", "Are all accounts of this source those of adults, as far as the platform checks ages?",
    "Say how it was checked: date of birth at sign-up, or more.",
)  # fmt: skip
notice_given = _source("notice_given", "Were the people told of this use before it starts?")
notice_date = _source("notice_date", "On which day were the people told?", kind="date")
notice_weeks = _source("notice_weeks", "How many weeks lie between the notice and the start of use?", kind="number")
interest_told = _source(
    "interest_told", "Was the legitimate interest named to the people when their data were collected?"
)
objection_route = _source("objection_route", "Can the authors object, easily and without giving reasons?")
objection_route_nonusers = _source(
    "objection_route_nonusers", "Can people who have no account, but are named in posts, object?"
)
private_switch = _source("private_switch", "Can the authors make published posts private before the use starts?")
terms_forbid = _source("terms_forbid", "Do the terms of the source forbid this use or automated access?")
robots_refused = _source(
    "robots_refused", "Did robots.txt, ai.txt or a CAPTCHA refuse this crawler, for records that are in "
    "the set?",
    "As it stood when the pages were fetched. False means: checked, and records so refused were left out.",
)  # fmt: skip
robots_denied = _source("robots_denied", "Did the request for robots.txt answer 401, 403 or 429?")
signals_unreadable = _source("signals_unreadable", "Could signals of reservation not be read (unreachable, malformed)?")
robots_names_other_bots = _source(
    "robots_names_other_bots", "Does robots.txt shut out AI crawlers by name, but not this one?"
)
access_permitted = _source(
    "access_permitted", "Was the content openly accessible, or access to it permitted, where it was copied?",
    "No login, paywall or technical barrier was passed without permission.",
)  # fmt: skip
licence_permits = _source(
    "licence_permits", "Does a licence or contract for this source permit this use?",
    "A platform's terms with its users count only if they cover the training that is planned.",
)  # fmt: skip
reserved = _source(
    "reserved", "Is text and data mining of this source reserved by machine-readable means?",
    "False means: looked for when fetched (robots.txt, headers, metadata, well-known files), and none found.",
)  # fmt: skip
reserved_in_words = _source("reserved_in_words", "Do terms, imprint or a letter reserve text and data mining in prose?")
reserved_by_host = _source("reserved_by_host", "Does the reservation come only from the host, for works of others?")
reserved_other_signal = _source(
    "reserved_other_signal",
    "Is the only reservation a signal outside robots.txt (noai, ai.txt, Content-Signal)?",
)
reserved_later = _source("reserved_later", "Was a reservation added after the data were copied?")
reserved_generative = _source(
    "reserved_generative", "Does the reservation name only the training of models that generate content?"
)
research_set = _source("research_set", "Was the set collected under the exception for research organisations?")
copied_in_germany = _source(
    "copied_in_germany",
    "Does all copying (crawl, storage, training) take place in Germany, and nowhere else?",
)
filtered_at_collection = _source(
    "filtered_at_collection",
    "Were special categories kept out when the data were collected, not only afterwards?",
)
attribution_ruled_out = _source(
    "attribution_ruled_out", "Did a named person judge that nobody holding this set can attribute it to a person?",
    "Both limbs of CJEU C-413/23 P, para 77: the measures cannot be lifted, and cross-checking does not "
    "lead back.",
)  # fmt: skip
joins_services = _source("joins_services", "Are data of the same person from two services joined here?")
merges_services = _source("merges_services", "Are personal data of two services put in one set, joined or not?")
used_in_other_service = _source(
    "used_in_other_service", "Are data of a listed core service used in another service of the same group?"
)
period_set = _source("period_set", "Is the period from which the data come limited, and the limit written down?")
distrusted_sites_left_out = _source(
    "distrusted_sites_left_out",
    "Were sites that are mostly sensitive or intrusive left out before collection?",
)
criteria_set = _source("criteria_set", "Were precise criteria of collection laid down before it began?")

# --- the project: keys of [project] ----------------------------------------------------------------------


def _project(name: str, ask: str, hint: str = "", *, kind: str = "bool", words: tuple[str, ...] = ()) -> Fact:
    return Fact(name, ask, Scope.PROJECT, type=kind, supplier="klarera.toml [project]", help=hint, words=words)


purpose = _project(
    "purpose", "What are the data for?", kind="word", words=tuple(str(p) for p in Purpose)
)  # fmt: skip
legal_basis = _project(
    "legal_basis", "On which point of GDPR Art. 6(1) does the use rest?", kind="word",
    words=("consent", "contract", "legal-obligation", "vital-interests", "public-task",
           "legitimate-interest", "none"),
)  # fmt: skip
lia_done = _project("lia_done", "Is the assessment of the legitimate interest written, with its three steps?")
dpia_done = _project("dpia_done", "Is the data protection impact assessment written, before the start?")
compatibility_test = _project(
    "compatibility_test", "Is it written down why the new purpose fits the one the data were collected for?"
)
public_authority = _project("public_authority", "Is the operator a public authority acting in its tasks?")
research_organisation = _project(
    "research_organisation",
    "Is the operator a research organisation or heritage institution that no undertaking decisively influences?",
)
research_purpose = _project("research_purpose", "Is the use itself scientific research?")
public_interest_task = _project("public_interest_task", "Is the research necessary for a task in the public interest?")
systemic_risk_research = _project(
    "systemic_risk_research", "Is the use research on systemic risks of very large platforms (DSA Art. 40)?"
)
commercial = _project("commercial", "Is the use commercial?")
direct_marketing = _project("direct_marketing", "Are the data used for direct marketing?")
gatekeeper = _project("gatekeeper", "Is the operator a gatekeeper, and is a source one of its listed core services?")
dma_consent = _project("dma_consent", "Did each end user choose, and consent, to the combination?")
only_non_generative = _project("only_non_generative", "Does the model generate no content at all?")
consent_shown = _project("consent_shown", "Can consent of every author be shown for this purpose?")
transparency_page = _project(
    "transparency_page", "Is there a public page with sources, period, basis, rights and how to object?"
)
output_filter = _project("output_filter", "Is there a filter against personal data in the model's output, tested?")
memorisation_test = _project(
    "memorisation_test", "Was it tested that the model does not give back training texts on simple prompts?"
)
removal_on_request = _project(
    "removal_on_request", "Is there a way by which anyone gets special-category data removed on request?"
)
review_report = _project("review_report", "Is a review some months after the start planned, with a named person?")
order_mixed = _project("order_mixed", "Are the records mixed, so that their order does not follow persons?")
downstream_list = _project(
    "downstream_list", "Is it known who received the set, and is there a feed that tells them of removals?"
)
copying_hindered = _project(
    "copying_hindered", "Does the platform hinder, as far as it can, that others copy its users' posts?"
)
objection_after_training_plan = _project(
    "objection_after_training_plan",
    "Is it written down what happens with objections that come after training?",
)
screening_basis = _project(
    "screening_basis", "Is it written down on which exception the search for special categories rests?"
)

# --- the run: computed by klarera ------------------------------------------------------------------------


def _run(name: str, ask: str, hint: str = "") -> Fact:
    return Fact(name, ask, Scope.RUN, supplier="klarera", grade=Grade.COMPUTED, help=hint)


basis_named = _run("basis_named", "Does the project say on which point of GDPR Art. 6(1) the use rests?")
origin_named = _run("origin_named", "Does every source say how its data were obtained?")
visibility_named = _run("visibility_named", "Is it known of every record, or of its source, who could see it?")
notice_dated = _run("notice_dated", "Does every source say on which day the people were told?")
reading_adopted = _run("reading_adopted", "Has a named person adopted the reading, on a date?")
register_given = _run("register_given", "Was a register of objections, erasures and consents given to the run?")
register_names_looked_for = _run(
    "register_names_looked_for", "Were all names of the register looked for in every record?",
    "A name that enters the register later is looked for only where a detector had found it as a name.",
)  # fmt: skip
authors_known = _run("authors_known", "Do all records say who wrote them, so that an objection reaches them?")
identifiers_looked_for = _run(
    "identifiers_looked_for", "Were contact data, numbers, addresses and secrets looked for in every record?"
)
names_looked_for = _run("names_looked_for", "Were names of persons looked for in every record?")
special_looked_for = _run("special_looked_for", "Were special categories and criminal data looked for in every record?")
minors_looked_for = _run("minors_looked_for", "Were statements of minority looked for in every record?")
objections_looked_for = _run("objections_looked_for", "Were objections in the texts looked for in every record?")
languages_covered = _run("languages_covered", "Is the language of every record covered by the cue tables?")
residue_measured = _run("residue_measured", "Was it measured on a sample what the detectors missed?")

FACTS: tuple[Fact, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Fact))
