"""The SQL of the migrations: tables, indexes and triggers of archive.db but the search index (archive/search.py)."""

from __future__ import annotations

from archive.fields import BACK_FILL

FIRST_TABLES = """
create table outlets (
    id text primary key,
    title_en text not null,
    title_local text not null,
    country text not null,
    languages text not null,
    kind text not null check (kind in ('state', 'secondary')),
    control text not null,
    owner text not null,
    timezone text not null,
    aliases text not null,
    domains text not null
) strict;

create table crawls (
    id text primary key,
    outlet text not null references outlets(id),
    started_at text not null,
    finished_at text,
    finish_reason text,
    origin text not null,
    requests integer not null default 0,
    reports integer not null default 0,
    failed integer not null default 0,
    quarantined integer not null default 0
) strict;

create table id_registry (
    id integer primary key,
    url text not null unique
) strict;

create table captures (
    id integer primary key,
    crawl text,
    outlet text not null references outlets(id),
    url text not null,
    canonical text not null,
    at text not null,
    status integer,
    redirect_to text,
    content_type text,
    charset text,
    payload_sha256 text,
    payload_length integer not null,
    warc text not null,
    offset integer not null,
    length integer not null,
    etag text,
    last_modified text,
    origin text not null,
    outcome text not null,
    reason text,
    report integer references id_registry(id),
    revisit_of integer
) strict;

create index captures_url on captures(url, at);

create index captures_canonical on captures(canonical);

create index captures_payload on captures(payload_sha256) where revisit_of is null and payload_length > 0;

create index captures_report on captures(report, id) where report is not null;

create index captures_crawl on captures(crawl, outcome);

create unique index captures_record on captures(warc, offset);

create table reports (
    id integer primary key,
    url text not null unique,
    outlet text not null references outlets(id),
    title text not null,
    excerpt text not null,
    language text not null,
    section text,
    byline text,
    editor text,
    source_label text,
    source_url text,
    dateline_agency text,
    dateline_place text,
    dateline_date text,
    keywords text,
    published_at text,
    published_local text,
    published_precision text,
    published_printed text,
    zone_basis text,
    modified_at text,
    first_seen text not null,
    last_checked text not null,
    state text not null check (state in ('live', 'suspected', 'gone', 'restored')),
    versions integer not null,
    pages integer not null,
    capture integer not null references captures(id),
    origin text not null
) strict;

create index reports_outlet on reports(outlet, id);

create table versions (
    id integer primary key,
    report integer not null references reports(id),
    number integer not null,
    title text not null,
    body text not null,
    captions text not null,
    text_digest text not null,
    layout text not null,
    capture integer not null references captures(id),
    seen_at text not null,
    added integer not null,
    removed integer not null,
    removed_text text not null,
    unique (report, number)
) strict;

create table readings (
    capture integer primary key references captures(id),
    report integer not null references id_registry(id),
    part integer not null,
    parts integer not null,
    text_digest text not null,
    page text
) strict;

create index readings_report on readings(report, capture);

create table quarantine (
    capture integer primary key references captures(id),
    outlet text not null references outlets(id),
    url text not null,
    at text not null,
    reason text not null
) strict;

create table checks (
    url text primary key,
    outlet text not null references outlets(id),
    address text not null,
    kind text not null check (kind in ('report', 'listing')),
    title text,
    listed_at text,
    found_at text,
    found_in text,
    last_capture integer,
    last_at text,
    last_outcome text,
    changed_at text,
    etag text,
    last_modified text,
    due_at text
) strict, without rowid;

create index checks_due on checks(outlet, kind, due_at);

create table warcs (
    name text primary key,
    bytes integer not null,
    captures integer not null,
    first_at text,
    last_at text
) strict, without rowid;

create view fetches as
    select crawl, outlet, url, count(*) as attempts, max(id) as last_capture, at, status, outcome, reason, report
    from captures group by crawl, url"""


# For the reading room: what is held, and indexes for its pages.

_HOLDING = "day = {row}.id / 100000000 and outlet = {row}.outlet and language = {row}.language"
# Not "on conflict do update": a trigger's conflict clause gives way to the one of the statement that fires it.
_HOLD = f"""insert into holdings select new.id / 100000000, new.outlet, new.language, 0
        where not exists (select 1 from holdings where {_HOLDING.format(row="new")});
    update holdings set reports = reports + 1 where {_HOLDING.format(row="new")}"""
_LET_GO = f"""update holdings set reports = reports - 1 where {_HOLDING.format(row="old")};
    delete from holdings where {_HOLDING.format(row="old")} and reports = 0"""

_MONTH = "month = new.day / 100 and outlet = new.outlet and language = new.language"

READING_ROOM = (
    """create table holdings (
    day integer not null,
    outlet text not null,
    language text not null,
    reports integer not null,
    primary key (day, outlet, language)
) strict, without rowid""",
    """insert into holdings
    select id / 100000000, outlet, language, count(*) from reports group by 1, 2, 3""",
    f"create trigger holdings_insert after insert on reports begin {_HOLD}; end",
    f"create trigger holdings_delete after delete on reports begin {_LET_GO}; end",
    f"""create trigger holdings_update after update of id, outlet, language on reports
    when (old.id, old.outlet, old.language) <> (new.id, new.outlet, new.language) begin
    {_LET_GO};
    {_HOLD};
    end""",
    # The same per month, which the whole of an archive's time is added up from: twenty years of days take 30 ms.
    """create table holdings_months (
    month integer not null,
    outlet text not null,
    language text not null,
    reports integer not null,
    primary key (month, outlet, language)
) strict, without rowid""",
    "insert into holdings_months select day / 100, outlet, language, sum(reports) from holdings group by 1, 2, 3",
    f"""create trigger holdings_months_update after update of reports on holdings begin
    insert into holdings_months select new.day / 100, new.outlet, new.language, 0
        where not exists (select 1 from holdings_months where {_MONTH});
    update holdings_months set reports = reports + new.reports - old.reports where {_MONTH};
    delete from holdings_months where {_MONTH} and reports = 0;
    end""",
    # What the counts of a search read of its hits, without touching their rows: docs/benchmarks.md has the difference.
    "create index reports_facets on reports(id, outlet, language, state)",
    "create index reports_missing on reports(last_checked) where state <> 'live'",
    "create index versions_edits on versions(seen_at) where number > 1",
    # What the pages of an outlet and the questions group by.
    "create index reports_sources on reports(outlet, source_label)",
    "create index reports_sections on reports(outlet, section, versions)",
    "create index captures_looks on captures(outlet, at, outcome, status)",
)


# For scheduled crawls: what is due, what was changed and taken down, when we looked, and what is wrong.
WATCHING = (
    "alter table outlets add column every integer not null default 60",
    "alter table outlets add column budget integer not null default 2000",
    "alter table captures add column cause text",
    "update captures set cause = 'http-' || status where outcome = 'missing'",
    "alter table versions add column kinds text not null default ''",
    # With the length, a day is added up from the index alone.
    "drop index captures_looks",
    "create index captures_looks on captures(outlet, at, outcome, status, length)",
    # All that a list of edits is narrowed by, so that the texts beside them are not read.
    "drop index versions_edits",
    "create index versions_edits on versions(seen_at, id, report, number, kinds) where number > 1",
    # Where on the re-visit ladder an address stands (0: no report was read there yet), so that the youngest are found
    # by the index; and how often in a row it could not be had.
    "alter table checks add column rung integer not null default 0",
    "alter table checks add column failures integer not null default 0",
    "update checks set rung = 1 where last_capture is not null and kind = 'report'",
    "drop index checks_due",
    "create index checks_due on checks(outlet, kind, rung, due_at) where due_at is not null",
    """create index checks_backlog on checks(outlet, coalesce(listed_at, found_at))
    where rung = 0 and kind = 'report' and due_at is not null""",
    "create index checks_lists on checks(outlet) where kind = 'listing'",
    "create index reports_seen on reports(outlet, first_seen)",
    "create index crawls_outlet on crawls(outlet, started_at)",
    # What a field's fill rate is told by (archive/fields.py); null where it is not known.
    "alter table readings add column fields integer",
    BACK_FILL,
    # The few captures that health and alarms look at one by one.
    """create index captures_troubles on captures(outlet, at, outcome)
    where outcome in ('quarantined', 'failed', 'server-error', 'refused', 'robots')""",
    # Nearly no report was ever missing, and for those that were not it is all that must be asked of their looks.
    "create index captures_missing on captures(report) where outcome = 'missing' and report is not null",
    """create table takedowns (
    id integer primary key references captures(id),
    report integer not null references reports(id),
    outlet text not null references outlets(id),
    state text not null check (state in ('suspected', 'gone', 'restored', 'unconfirmed')),
    cause text not null,
    suspected_at text not null,
    last_missing_at text not null,
    looks integer not null,
    gone_at text,
    gone_capture integer references captures(id),
    restored_at text,
    restored_capture integer references captures(id),
    last_good integer references captures(id)
) strict""",
    "create index takedowns_report on takedowns(report)",
    "create index takedowns_at on takedowns(suspected_at)",
    """create table replacements (
    version integer not null references versions(id),
    place integer not null,
    report integer not null references reports(id),
    outlet text not null references outlets(id),
    seen_at text not null,
    was text not null,
    became text not null,
    primary key (version, place)
) strict, without rowid""",
    # All that the radar reads (archive/radar.py), so that it touches no row.
    "create index replacements_at on replacements(seen_at, was, became, report, outlet)",
    "create index replacements_terms on replacements(was, became, seen_at)",
    "create index replacements_report on replacements(report)",
    """create table moves (
    outlet text not null references outlets(id),
    from_host text not null,
    to_host text not null,
    first_capture integer not null references captures(id),
    last_capture integer not null references captures(id),
    captures integer not null,
    primary key (outlet, from_host, to_host)
) strict, without rowid""",
    """create table coverage_days (
    outlet text not null references outlets(id),
    day text not null,
    asked integer not null,
    answered integer not null,
    read integer not null,
    new integer not null,
    changed integer not null,
    missing integer not null,
    refused integer not null,
    failed integer not null,
    quarantined integer not null,
    bytes integer not null,
    primary key (outlet, day)
) strict, without rowid""",
    # The same per month, for an overview of many outlets and years.
    """create table coverage_months (
    outlet text not null references outlets(id),
    month text not null,
    marks text not null,
    days integer not null,
    days_answered integer not null,
    days_new integer not null,
    asked integer not null,
    answered integer not null,
    read integer not null,
    new integer not null,
    changed integer not null,
    missing integer not null,
    refused integer not null,
    failed integer not null,
    quarantined integer not null,
    bytes integer not null,
    primary key (outlet, month)
) strict, without rowid""",
    """create table runs (
    id text primary key,
    started_at text not null,
    finished_at text,
    pid integer not null,
    outlets integer not null default 0,
    due integer not null default 0,
    requests integer not null default 0,
    new integer not null default 0,
    ended text,
    clock_offset real
) strict""",
    """create table alarms (
    id integer primary key,
    kind text not null,
    outlet text references outlets(id),
    subject text not null,
    message text not null,
    state text not null,
    raised_at text not null,
    seen_at text not null,
    cleared_at text,
    acknowledged_at text,
    note text,
    told text not null default '',
    notified_at text
) strict""",
    "create unique index alarms_open on alarms(kind, coalesce(outlet, ''), subject) where cleared_at is null",
)


# Links in the text, JSON: [[start, end, address], …], places in `body`.
HYPERLINKS = "alter table versions add column hyperlinks text not null default '[]'"


# What the reports state, and how they hang together (docs/statements.md, docs/linking.md). Places are in characters of
# the title or body of that version; `number` counts from 1 within a version, the title first. All of it is made from
# `versions` and `reports`, so it goes with them. `latest` is 1 in the wording that stands now.
_PLACE = """version integer not null references versions(id) on delete cascade,
    number integer not null,
    report integer not null references reports(id) on delete cascade,
    place text not null,
    start integer not null,
    stop integer not null,
    latest integer not null"""
_NUMBERED = "primary key (version, number)\n) strict, without rowid"
_READ_AGAIN = (
    "insert into unread select {row}.report where not exists (select 1 from unread where report = {row}.report)"
)

_LINK_AGAIN = """insert into unlinked select '{0}', id from reports where id = old.report
        and not exists (select 1 from unlinked where step = '{0}' and report = old.report)"""

STATEMENTS = (
    f"""create table attributions (
    {_PLACE},
    source text not null,
    kind text not null,
    source_key text not null,
    cue text not null,
    cue_start integer not null,
    cue_stop integer not null,
    statement_start integer,
    statement_stop integer,
    quoted integer not null,
    loaded integer not null,
    via integer,
    sentence_start integer not null,
    sentence_stop integer not null,
    {_NUMBERED}""",
    f"""create table figures (
    {_PLACE},
    text text not null,
    value real not null,
    value_max real,
    modifier text not null,
    meaning text not null,
    unit text not null,
    measure text not null,
    noun text not null,
    noun_key text not null,
    act text not null,
    act_text text not null,
    period text not null,
    period_start text,
    period_stop text,
    attribution integer,
    stated_by text not null,
    series text not null,
    sentence_start integer not null,
    sentence_stop integer not null,
    {_NUMBERED}""",
    f"""create table quotes (
    {_PLACE},
    words text not null,
    kind text not null,
    attribution integer,
    {_NUMBERED}""",
    f"""create table mentions (
    {_PLACE},
    words text not null,
    outlet text not null,
    kind text not null,
    href text,
    href_outlet text,
    from_day text,
    to_day text,
    attribution integer,
    sentence_start integer not null,
    sentence_stop integer not null,
    {_NUMBERED}""",
    # Of the latest wording only: by which one event is known in two texts and two languages.
    """create table names (
    key text not null,
    report integer not null references reports(id) on delete cascade,
    kind text not null,
    words text not null,
    primary key (key, report)
) strict, without rowid""",
    "create index names_report on names(report)",
    """create table statements (
    version integer primary key references versions(id) on delete cascade,
    report integer not null references reports(id) on delete cascade,
    grammar integer not null
) strict""",
    "create index statements_report on statements(report)",
    *(f"create index {table}_report on {table}(report, version)" for table in ("attributions", "figures", "quotes")),
    "create index mentions_report on mentions(report, version, kind)",
    "create index figures_values on figures(value, report) where latest",
    "create index figures_nouns on figures(noun_key, act, value) where latest and noun_key <> ''",
    "create index figures_series on figures(series, period_start, value) where latest and series <> ''",
    # What a search for figures is led by, newest first (publish/figure_search.py).
    "create index figures_nouns_newest on figures(noun_key, report) where latest and noun_key <> ''",
    "create index figures_printed on figures(noun, report) where latest and noun_key = '' and noun <> ''",
    "create index figures_sources on figures(stated_by, report) where latest",
    "create index figures_acts on figures(act, report) where latest and act <> ''",
    """create index figures_periods on figures(noun_key, period_stop, report)
    where latest and noun_key <> '' and period_stop is not null""",
    "create index attributions_sources on attributions(source_key, report) where latest and source_key <> ''",
    "create index mentions_outlets on mentions(outlet, kind, report) where latest",
    # The bottom of the hashes of a text's shingles, and the lowest of these to find it by.
    """create table sketches (
    report integer primary key references reports(id) on delete cascade,
    shingles integer not null,
    sketch blob not null
) strict""",
    """create table sketch_hashes (
    hash integer not null,
    report integer not null references reports(id) on delete cascade,
    primary key (hash, report)
) strict, without rowid""",
    "create index sketch_hashes_report on sketch_hashes(report)",
    """create table reprints (
    report integer primary key references reports(id) on delete cascade,
    original integer not null references reports(id) on delete cascade,
    similarity real not null,
    contained real not null,
    lag_minutes integer,
    same_outlet integer not null,
    altered text not null,
    dropped text not null,
    added text not null
) strict""",
    "create index reprints_original on reprints(original)",
    """create table twins (
    chinese integer not null references reports(id) on delete cascade,
    english integer not null references reports(id) on delete cascade,
    score real not null,
    mutual integer not null,
    evidence text not null,
    only_chinese text not null,
    only_english text not null,
    primary key (chinese, english)
) strict, without rowid""",
    "create index twins_english on twins(english, mutual)",
    """create table citations (
    version integer not null,
    mention integer not null,
    report integer not null references reports(id) on delete cascade,
    outlet text not null,
    cited integer references reports(id) on delete set null,
    tier text not null,
    score real not null,
    evidence text not null,
    reason text not null,
    target text not null,
    from_day text not null,
    to_day text not null,
    primary key (version, mention),
    foreign key (version, mention) references mentions(version, number) on delete cascade
) strict, without rowid""",
    "create index citations_report on citations(report)",
    "create index citations_cited on citations(cited) where cited is not null",
    # Where a report that comes late may be the one that was meant.
    "create index citations_windows on citations(outlet, to_day, from_day, reason, report)",
    # What the list of citations is led by, newest first; the pages of the queue (publish/citation_search.py).
    "create index citations_outlets on citations(outlet, report)",
    "create index citations_targets on citations(target) where target <> ''",
    """create table contradictions (
    kind text not null,
    version integer not null references versions(id) on delete cascade,
    figure integer not null,
    report integer not null references reports(id) on delete cascade,
    other_version integer not null references versions(id) on delete cascade,
    other_figure integer not null,
    other_report integer not null references reports(id) on delete cascade,
    explanation text not null,
    primary key (version, figure, other_version, other_figure, kind)
) strict, without rowid""",
    "create index contradictions_report on contradictions(report)",
    "create index contradictions_other on contradictions(other_report)",
    "create index contradictions_version on contradictions(other_version)",
    # What is still to be done: reports with a wording that was not read, and those to be linked anew, step by step.
    "create table unread (report integer primary key references reports(id) on delete cascade) strict",
    """create table unlinked (
    step text not null,
    report integer not null references reports(id) on delete cascade,
    primary key (step, report)
) strict, without rowid""",
    "create index unlinked_report on unlinked(report)",
    "insert into unread select id from reports",
    f"create trigger versions_inserted after insert on versions begin {_READ_AGAIN.format(row='new')}; end",
    f"""create trigger versions_deleted after delete on versions
    when exists (select 1 from reports where id = old.report) begin {_READ_AGAIN.format(row="old")}; end""",
    # What a page says beside its text, and the day from which "last week" is counted.
    """create trigger reports_reworded
    after update of source_label, source_url, dateline_agency, byline, published_local, language, outlet on reports
    when (old.source_label, old.source_url, old.dateline_agency, old.byline, old.published_local, old.language,
        old.outlet) is not (new.source_label, new.source_url, new.dateline_agency, new.byline, new.published_local,
        new.language, new.outlet) begin
    delete from statements where report = new.id;
    insert into unread select new.id where not exists (select 1 from unread where report = new.id);
    end""",
    # When a report goes, since two addresses were one all along: what others had of it is looked for anew.
    f"""create trigger reprints_deleted after delete on reprints
    when not exists (select 1 from reports where id = old.original) begin {_LINK_AGAIN.format("reprints")}; end""",
    f"""create trigger twins_deleted after delete on twins
    when (select count(*) from reports where id in (old.chinese, old.english)) = 1 begin
    {_LINK_AGAIN.replace("old.report", "old.chinese").format("twins")};
    {_LINK_AGAIN.replace("old.report", "old.english").format("twins")}; end""",
    f"""create trigger citations_lost after update of cited on citations
    when new.cited is null and old.cited is not null begin {_LINK_AGAIN.format("citations")}; end""",
)


# What comes from elsewhere, and from more than one machine (docs/backfill.md, docs/scale.md).
ELSEWHERE = (
    # Of records that others wrote: their own id, and the address at a web archive that gave them.
    "alter table captures add column record_id text",
    "alter table captures add column source text",
    # Days on which others looked, so that "nobody looked" and "we did not look" are told apart.
    "alter table coverage_days add column elsewhere integer not null default 0",
    "alter table coverage_months add column elsewhere integer not null default 0",
    # Our own looks of an outlet are a range of the index, however much of its past was brought in.
    "drop index captures_looks",
    "create index captures_looks on captures(outlet, origin, at, outcome, status, length)",
    # When we first read a report ourselves, null while only others have: so what is new to us, and what is usual, does
    # not depend on what is brought in.
    "alter table reports add column first_look text",
    """update reports set first_look = (select at from captures where report = reports.id and outcome = 'report'
        and origin = 'live' order by id limit 1)""",
    "drop index reports_seen",
    "create index reports_looks on reports(outlet, first_look) where first_look is not null",
    # Those whose id has the day of a capture, for want of a date: wherever days of publication are counted it is said.
    "create index reports_undated on reports(outlet) where published_at is null",
    # What another archive says it holds of our outlets, and what became of it. No WARC file tells it.
    """create table mementos (
    via text not null,
    url text not null,
    timestamp text not null,
    outlet text not null references outlets(id),
    digest text not null,
    status integer,
    content_type text not null,
    bytes integer,
    place text not null,
    backfill text not null,
    state text not null check (state in ('wanted', 'held', 'same', 'failed')),
    attempts integer not null default 0,
    reason text,
    capture integer,
    primary key (via, url, timestamp)
) strict, without rowid""",
    "create index mementos_wanted on mementos(outlet, via, timestamp) where state = 'wanted'",
    "create index mementos_backfill on mementos(backfill, state)",
    """create table backfills (
    id text primary key,
    outlet text not null references outlets(id),
    via text not null,
    from_day text not null,
    to_day text not null,
    why text not null,
    started_at text not null,
    finished_at text,
    listed integer not null default 0,
    fetched integer not null default 0,
    failed integer not null default 0,
    requests integer not null default 0,
    bytes integer not null default 0,
    resume text not null default '',
    ended text
) strict""",
    "create index backfills_outlet on backfills(outlet, via, started_at)",
    # WARC files whose records were read aside and merged, one row a segment; broken members of WARC files.
    """create table segments (
    name text primary key,
    warc text not null,
    extractor text not null,
    bytes integer not null,
    sha256 text not null,
    captures integer not null,
    passed_over integer not null,
    merged_at text not null
) strict, without rowid""",
    "create index segments_warc on segments(warc)",
    """create table broken (
    warc text not null,
    offset integer not null,
    reason text not null,
    primary key (warc, offset)
) strict, without rowid""",
)
