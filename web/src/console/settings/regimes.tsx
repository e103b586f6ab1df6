/** The regimes: their deadlines, whether they are in force, and the form for a version or a new regime. */
import { Link } from "@tanstack/react-router"
import { type ReactNode, useState } from "react"
import {
    type Filing,
    type Regime,
    regimeStates,
    starts,
    triggers,
    units,
} from "../../../../server/src/trace/regulatory-clocks/regime.ts"
import { useRead, writeTo } from "../api.ts"
import type { Write } from "../../kit/api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { Field, choicesOf } from "../../kit/field.tsx"
import { linesIn } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { ActionMenu } from "../../kit/layout/menu.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { RowsForm, wholeOf } from "../../kit/rows-form.tsx"
import type { Row, RowField } from "../../kit/rows.tsx"
import { Badge, Facts, Lines, Section } from "../../kit/table.tsx"
import { type Words, shippedLanguage } from "../../kit/text.ts"
import type { RegimeRow } from "../clocks/clock-answers.ts"
import { deadlineText } from "../clocks/filing-text.ts"
import { useNames, useWhyNot } from "../artifacts/viewer.tsx"
import { SettingsPage } from "./settings-page.tsx"
import { rich, t, valueText } from "../../messages/message.ts"

const stateWords: Words<Regime["state"]> = {
    undecided: { name: t("undecided"), tone: "due" },
    in_force: { name: t("in force"), tone: "good" },
    not_in_force: { name: t("not in force"), tone: "plain" },
}

export function RegimesScreen() {
    const regimes = useRead("/api/regimes")
    return (
        <SettingsPage
            tab={t("Regimes")}
            lead={t("The laws and contracts that ask you to notify an authority, with their deadlines.")}
            aside={<AddRegime />}
        >
            <Loaded query={regimes}>
                {({ regimes }) => (
                    <Section title={t("Regimes")} count={regimes.length}>
                        <p className="muted">
                            {rich(
                                "Built-in regimes are undecided at first. An undecided regime starts clocks, so that you miss no deadline. Running clocks are in <clocks>Schedule</clocks>.",
                                { clocks: (text) => <Link to="/schedule/clocks">{text}</Link> },
                            )}
                        </p>
                        {regimes.length === 0 && (
                            <Empty title={t("No regimes yet.")}>
                                {t("A manager adds a regime for each law or contract that applies to you.")}
                            </Empty>
                        )}
                        {regimes.map((regime) => (
                            <RegimeCard key={regime.id} row={regime} />
                        ))}
                    </Section>
                )}
            </Loaded>
        </SettingsPage>
    )
}

function RegimeCard({ row }: { row: RegimeRow }) {
    const { regime } = row
    const { name, tone } = stateWords[regime.state]
    const shown = (text: string) => <span {...shippedLanguage(row.version)}>{text}</span>
    return (
        <article className="card" aria-label={regime.title}>
            <div className="card-head">
                <h3>
                    {shown(regime.title)} <Badge tone={tone}>{name}</Badge>
                </h3>
                <Decide row={row} />
            </div>
            <Facts
                items={[
                    [
                        t("Filings"),
                        <Lines
                            key="filings"
                            items={regime.filings.map((filing) =>
                                t("{filing}: {deadline}", {
                                    filing: filing.title,
                                    deadline: deadlineText(filing, regime),
                                }),
                            )}
                        />,
                    ],
                    [t("Starts by"), <Starts key="starts" subject={regime} />],
                    [t("Authority"), shown(regime.authority)],
                    [t("Legal basis"), shown(regime.basis)],
                    [t("Version"), <Version key="version" row={row} />],
                ]}
            />
        </article>
    )
}

function Starts({ subject: { trigger, appliesFrom } }: { subject: Regime }) {
    if (trigger !== "exploited_vulnerability")
        return t("{trigger}, started by a person", { trigger: valueText(trigger) })
    if (appliesFrom === null) return t("{trigger}, automatic", { trigger: valueText(trigger) })
    return (
        <>
            {rich("{trigger}, automatic for reports from {since}", {
                trigger: valueText(trigger),
                since: <When at={appliesFrom} short />,
            })}
        </>
    )
}

function Version({ row: { version, by, at } }: { row: RegimeRow }) {
    const names = useNames()
    if (version === 0) return t("as shipped")
    const savedAt = <When at={at} short />
    return (
        <>
            {by === null
                ? rich("{version}, by the program, {savedAt}", { version, savedAt })
                : rich("{version}, by {person}, {savedAt}", { version, person: names.person(by), savedAt })}
        </>
    )
}

const unseen = (text: ReactNode) => <span className="unseen">{text}</span>

/** Puts an undecided regime in force by one button. The menu has the other decisions. */
function Decide({ row }: { row: RegimeRow }) {
    const disabledReason = useWhyNot()("regime:write")
    const put = (state: Regime["state"]) =>
        writeTo("PUT", `/api/regimes/${row.id}`, { regime: { ...row.regime, state } })
    const { title: regime, state } = row.regime
    const decide = (to: Regime["state"], action: string, name: string) => ({
        id: to,
        name: action,
        disabledReason,
        dialog: {
            title: regime,
            content: (close: () => void) => <Decision name={name} to={to} write={put(to)} onDone={close} />,
        },
    })
    return (
        <span className="row end">
            {state === "undecided" && disabledReason === null && (
                <Do look="main" write={put("in_force")}>
                    {rich("Put in force <unseen>{regime}</unseen>", { regime, unseen })}
                </Do>
            )}
            <ActionMenu
                label={t("{name}: actions", { name: regime })}
                actions={[
                    ...(state === "not_in_force" ? [decide("in_force", t("Put in force…"), t("Put in force"))] : []),
                    ...(state === "not_in_force"
                        ? []
                        : [decide("not_in_force", t("Does not apply…"), t("Does not apply"))]),
                    {
                        id: "change",
                        name: t("Change…"),
                        disabledReason,
                        dialog: {
                            title: regime,
                            wide: true,
                            content: (close) => <RegimeForm id={row.id} from={row.regime} onDone={close} />,
                        },
                    },
                ]}
            >
                <Icon name="dots" />
            </ActionMenu>
        </span>
    )
}

interface DecisionProps {
    name: string
    to: Regime["state"]
    write: Write
    onDone: () => void
}

function Decision({ name, to, write, onDone }: DecisionProps) {
    return (
        <>
            <p>
                {to === "in_force"
                    ? t("Exploitation starts the clocks of this regime.")
                    : t("This regime starts no clocks. Running clocks keep the version that they started with.")}
            </p>
            <div className="row end">
                <Do look="main" write={write} onDone={onDone}>
                    {name}
                </Do>
            </div>
        </>
    )
}

const filingFields: readonly RowField[] = [
    { name: "id", label: t("Id") },
    { name: "title", label: t("Filing") },
    { name: "count", label: t("Within"), kind: "number" },
    { name: "unit", label: t("Unit"), from: choicesOf(units) },
    { name: "after", label: t("Starts after") },
    { name: "questions", label: t("Asks, with ; between"), optional: true },
]

const fresh: Regime = {
    title: "",
    basis: "",
    authority: "",
    trigger: "exploited_vulnerability",
    state: "in_force",
    appliesFrom: null,
    filings: [],
}

function AddRegime() {
    return (
        <Opens button={t("Add a regime…")} title={t("Add a regime")} wide disabledReason={useWhyNot()("regime:write")}>
            {(close) => <RegimeForm id={null} from={fresh} onDone={close} />}
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
            requests={[
                {
                    many: t("Filings"),
                    singular: "filing",
                    fields: filingFields,
                    initial: from.filings.map(filingRow),
                    hint: t("Starts after: {starts}, or the id of a filing above it", { starts: starts.join(", ") }),
                },
            ]}
            submit={id === null ? t("Add regime") : t("Save version")}
            write={(rows = []) =>
                writeTo("PUT", `/api/regimes/${encodeURIComponent(texts.id.trim())}`, { regime: regimeOf(texts, rows) })
            }
            onDone={onDone}
        >
            <p className="muted">{t("Running clocks keep the version that they started with.")}</p>
            {id === null && (
                <Field kind="line" label={t("Id")} hint={t("like cra-incident; it stays")} {...field("id")} />
            )}
            <Field kind="line" label={t("Title")} {...field("title")} />
            <Field
                kind="text"
                label={t("Legal basis")}
                hint={t("why this duty applies to you, in your own words")}
                {...field("basis")}
            />
            <Field kind="line" label={t("Authority")} {...field("authority")} />
            <Field kind="choice" label={t("Starts by")} from={choicesOf(triggers)} {...field("trigger")} />
            <Field kind="choice" label={t("State")} from={choicesOf(regimeStates)} {...field("state")} />
            <Field
                kind="instant"
                label={t("Starts automatically from")}
                optional
                hint={t("like 2026-09-11T00:00:00Z; leave empty if it always applied")}
                {...field("appliesFrom")}
            />
        </RowsForm>
    )
}

const filingRow = ({ count, questions: asks, ...rest }: Filing): Row => ({
    ...rest,
    count: String(count),
    questions: asks.join("; "),
})

function regimeOf({ id: _, appliesFrom, trigger, state, ...texts }: Texts, rows: readonly Row[]): Regime {
    return {
        title: texts.title.trim(),
        basis: texts.basis.trim(),
        authority: texts.authority.trim(),
        trigger: triggers.find((item) => item === trigger) ?? triggers[0],
        state: regimeStates.find((regimeState) => regimeState === state) ?? "in_force",
        appliesFrom: appliesFrom.trim() === "" ? null : appliesFrom.trim(),
        filings: rows.map((row) => ({
            id: (row["id"] ?? "").trim(),
            title: (row["title"] ?? "").trim(),
            after: (row["after"] ?? "").trim(),
            count: wholeOf(row, "count", row["title"] ?? t("a filing")),
            unit: units.find((unit) => unit === row["unit"]) ?? units[0],
            questions: linesIn((row["questions"] ?? "").replaceAll(";", "\n")),
        })),
    }
}
