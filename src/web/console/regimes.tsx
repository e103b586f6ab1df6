/** The regimes: what each asks, whether it is in force, and writing another version, or another one. */
import { useState } from "react"
import { type Filing, type Regime, regimeStates, starts, triggers, units } from "../../trace/clocks/regime.ts"
import { Do } from "../kit/button.tsx"
import { Opens } from "../kit/dialog.tsx"
import { Field } from "../kit/field.tsx"
import { linesIn } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Loaded } from "../kit/notice.tsx"
import { RowsForm, wholeOf } from "../kit/rows-form.tsx"
import type { Row, RowField } from "../kit/rows.tsx"
import { Badge, Facts, Lines, Section } from "../kit/table.tsx"
import type { Words } from "../kit/words.ts"
import { type RegimeRow, useRegimes } from "./clock-answers.ts"
import { useNames, useWhyNot } from "./viewer.tsx"

const stateWords: Words<Regime["state"]> = {
    undecided: { name: "undecided", tone: "due" },
    "in force": { name: "in force", tone: "good" },
    "not in force": { name: "not in force", tone: "plain" },
}

export function RegimeSection() {
    const regimes = useRegimes()
    return (
        <Section title="Regimes" aside={<RegimeDialog of={null} />}>
            <p className="muted">
                What is shipped stays undecided until you decide: until then it starts clocks, so that nobody misses
                what is owed because nobody has looked here.
            </p>
            <Loaded of={regimes}>{({ regimes: all }) => all.map((one) => <RegimeCard key={one.id} of={one} />)}</Loaded>
        </Section>
    )
}

function RegimeCard({ of }: { of: RegimeRow }) {
    const { regime } = of
    const { name, tone } = stateWords[regime.state]
    return (
        <article className="card" aria-label={regime.title}>
            <div className="card-head">
                <h3>
                    {regime.title} <Badge tone={tone}>{name}</Badge>
                </h3>
                <Decide of={of} />
            </div>
            <Facts
                of={[
                    ["Filings", <Lines key="filings" of={regime.filings.map((one) => lineOf(one, regime))} />],
                    ["Starts by", <Starts key="starts" of={regime} />],
                    ["Authority", regime.authority],
                    ["Legal basis", regime.basis],
                    ["Version", <Version key="version" of={of} />],
                ]}
            />
        </article>
    )
}

function Starts({ of: { trigger, appliesFrom } }: { of: Regime }) {
    if (trigger !== "exploited vulnerability") return `${trigger}, by a person's word`
    if (appliesFrom === null) return `${trigger}, by itself`
    return (
        <>
            {trigger}, by itself for what becomes known from <When at={appliesFrom} short />
        </>
    )
}

function Version({ of: { version, by, at } }: { of: RegimeRow }) {
    const names = useNames()
    if (version === 0) return "as shipped"
    return (
        <>
            {version}, by {by === null ? "the program" : names.person(by)}, <When at={at} short />
        </>
    )
}

function lineOf({ title, count, unit, after }: Filing, { filings }: Regime): string {
    const before = filings.find(({ id }) => id === after)?.title
    const from = before === undefined ? after : `“${before}”`
    return `${title}: ${count} ${count === 1 ? unit.slice(0, -1) : unit} after ${from}`
}

/** One press decides; what else the regime says is changed in its form. */
function Decide({ of }: { of: RegimeRow }) {
    const not = useWhyNot()("regime:write")
    const put = (state: Regime["state"]) => ({
        ...{ method: "PUT" as const, path: `/api/regimes/${of.id}` },
        body: { regime: { ...of.regime, state } },
    })
    const title = <span className="unseen">{of.regime.title}</span>
    return (
        <span className="row end">
            {of.regime.state !== "in force" && (
                <Do look="main" not={not} write={put("in force")}>
                    Put in force {title}
                </Do>
            )}
            {of.regime.state !== "not in force" && (
                <Do not={not} write={put("not in force")}>
                    Does not apply {title}
                </Do>
            )}
            <RegimeDialog of={of} />
        </span>
    )
}

const choicesOf = (words: readonly string[]) => words.map((word) => ({ value: word, name: word }))

const filingFields: readonly RowField[] = [
    { name: "id", label: "Id" },
    { name: "title", label: "Filing" },
    { name: "count", label: "Within", kind: "number" },
    { name: "unit", label: "Unit", from: choicesOf(units) },
    { name: "after", label: "After" },
    { name: "asks", label: "Asks, with ; between", optional: true },
]

const fresh: Regime = {
    ...{
        title: "",
        basis: "",
        authority: "",
        trigger: "exploited vulnerability",
        state: "in force",
        appliesFrom: null,
    },
    filings: [],
}

function RegimeDialog({ of }: { of: RegimeRow | null }) {
    const not = useWhyNot()("regime:write")
    return (
        <Opens
            button={
                of === null ? (
                    "Add a regime…"
                ) : (
                    <>
                        Change… <span className="unseen">{of.regime.title}</span>
                    </>
                )
            }
            title={of === null ? "Add a regime" : of.regime.title}
            wide
            not={not}
        >
            {(close) => <RegimeForm id={of?.id ?? null} from={of?.regime ?? fresh} onDone={close} />}
        </Opens>
    )
}

type Texts = Readonly<Record<"id" | "title" | "authority" | "appliesFrom" | "basis" | "trigger" | "state", string>>

function RegimeForm({ id, from, onDone }: { id: string | null; from: Regime; onDone: () => void }) {
    const [texts, setTexts] = useState<Texts>({ ...from, id: id ?? "", appliesFrom: from.appliesFrom ?? "" })
    const field = (name: keyof Texts) => ({
        value: texts[name],
        onChange: (value: string) => setTexts((before) => ({ ...before, [name]: value })),
    })
    return (
        <RowsForm
            asked={[
                {
                    ...{ many: "Filings", one: "filing", fields: filingFields, initial: from.filings.map(filingRow) },
                    hint: `After: ${starts.join(", ")}, or the id of a filing above it`,
                },
            ]}
            submit={id === null ? "Add it" : "Write a version"}
            write={(rows = []) => ({
                ...{ method: "PUT", path: `/api/regimes/${encodeURIComponent(texts.id.trim())}` },
                body: { regime: regimeOf(texts, rows) },
            })}
            onDone={onDone}
        >
            <p className="muted">What runs already goes on by the version that it started with.</p>
            {id === null && <Field kind="line" label="Id" hint="like cra-incident; it stays" {...field("id")} />}
            <Field kind="line" label="Title" {...field("title")} />
            <Field kind="text" label="Legal basis" hint="in your own words: why you owe this" {...field("basis")} />
            <Field kind="line" label="Authority" {...field("authority")} />
            <Field kind="choice" label="Starts by" from={choicesOf(triggers)} {...field("trigger")} />
            <Field kind="choice" label="State" from={choicesOf(regimeStates)} {...field("state")} />
            <Field
                kind="instant"
                label="Starts nothing by itself before"
                optional
                hint="like 2026-09-11T00:00:00Z; left empty: it always applied"
                {...field("appliesFrom")}
            />
        </RowsForm>
    )
}

const filingRow = ({ count, asks, ...rest }: Filing): Row => ({ ...rest, count: String(count), asks: asks.join("; ") })

function regimeOf({ id: _, appliesFrom, trigger, state, ...texts }: Texts, rows: readonly Row[]): Regime {
    return {
        ...{ title: texts.title.trim(), basis: texts.basis.trim(), authority: texts.authority.trim() },
        trigger: triggers.find((one) => one === trigger) ?? triggers[0],
        state: regimeStates.find((one) => one === state) ?? "in force",
        appliesFrom: appliesFrom.trim() === "" ? null : appliesFrom.trim(),
        filings: rows.map((row) => ({
            ...{ id: (row["id"] ?? "").trim(), title: (row["title"] ?? "").trim(), after: (row["after"] ?? "").trim() },
            count: wholeOf(row, "count", row["title"] ?? "a filing"),
            unit: units.find((one) => one === row["unit"]) ?? units[0],
            asks: linesIn((row["asks"] ?? "").replaceAll(";", "\n")),
        })),
    }
}
