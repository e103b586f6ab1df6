/** The protection status of this partner: reported in the rail, listed under the reports. */
import { type SyntheticEvent, useState } from "react"
import { type ProtectionState, protectionNoteMax, protectionStates } from "@tocsin/client/limits"
import { useWrite } from "../../kit/api.ts"
import { useRead, writeTo } from "../api.ts"
import { Button } from "../../kit/button.tsx"
import { InScope, useNewScope } from "../../kit/draft-scope.tsx"
import { Field } from "../../kit/field.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Failed, Loaded } from "../../kit/notice.tsx"
import { ProtectionBadge } from "../../kit/protection.tsx"
import { Section, Table } from "../../kit/table.tsx"
import type { Aggregates, Warning } from "../answers.ts"
import { useNameOf, useWhyNot } from "../viewer.ts"
import { rich, t, valueText } from "../../messages/message.ts"

const options: Readonly<Record<ProtectionState, string>> = {
    protected: t("All our systems"),
    in_progress: t("Some systems are still open"),
    not_applicable: t("We do not run these products"),
    needs_more: t("We cannot act on this yet"),
}

/** Shows the reported status as the chosen option. */
export function ProtectionPanel({ warning }: { warning: Warning }) {
    const query = useRead(`/api/protection-statuses?warning=${warning.id}`)
    return (
        <section className="panel pad" aria-label={t("Protection status")}>
            <h2>{t("Protection status")}</h2>
            <Loaded query={query}>
                {({ protections: [last] }) => (
                    <>
                        <p className="small soft">
                            {last === undefined
                                ? t("Not reported yet.")
                                : rich("Reported: {state}, {reportedAt}", {
                                      state: valueText(last.state),
                                      reportedAt: <When at={last.reportedAt} short />,
                                  })}
                        </p>
                        <StatusForm warning={warning} current={last?.state ?? null} />
                    </>
                )}
            </Loaded>
        </section>
    )
}

/** `state` null: the last report is shown. */
const noInput: { readonly state: ProtectionState | null; readonly since: string; readonly note: string } = {
    state: null,
    since: "",
    note: "",
}

/** The form for a new report. Reports of others and the answer to an own one keep what was entered meanwhile. */
function StatusForm({ warning, current }: { warning: Warning; current: ProtectionState | null }) {
    const [input, setInput] = useState(noInput)
    const { since, note } = input
    const state = input.state ?? current
    const change = (changed: Partial<typeof noInput>) => setInput((before) => ({ ...before, ...changed }))
    const [sent, setSent] = useState(noInput)
    const [isMissing, setMissing] = useState(false)
    const scope = useNewScope(t("Report status"))
    const reporting = useWrite(() => {
        if (input !== sent) return
        scope.clear()
        setInput(noInput)
    })
    const send = (event: SyntheticEvent) => {
        event.preventDefault()
        setMissing(state === null)
        if (state === null || reporting.isPending) return
        const body = { warning: warning.id, state, since: since.trim() === "" ? null : since, note }
        setSent(input)
        reporting.mutate(writeTo("POST", "/api/protection-statuses", body))
    }
    return (
        <form className="form" onSubmit={send} noValidate>
            <fieldset className="field options">
                <legend className="unseen">{t("Protection status")}</legend>
                {protectionStates.map((value) => (
                    <label key={value} className="option">
                        <input
                            type="radio"
                            name={`protection-${warning.id}`}
                            checked={state === value}
                            onChange={() => change({ state: value })}
                        />
                        {valueText(value)}
                        <small>{options[value]}</small>
                    </label>
                ))}
            </fieldset>
            <InScope scope={scope}>
                {(state === "protected" || state === "in_progress") && (
                    <Field
                        kind="instant"
                        label={state === "protected" ? t("Protected since") : t("Expected by")}
                        optional
                        value={since}
                        onChange={(value) => change({ since: value })}
                    />
                )}
                {(state === "needs_more" || note !== "") && (
                    <Field
                        kind="text"
                        label={t("What you need")}
                        length={{ min: 0, max: protectionNoteMax }}
                        value={note}
                        onChange={(value) => change({ note: value })}
                    />
                )}
            </InScope>
            {isMissing && <p className="wrong">{t("choose a status")}</p>}
            <Failed error={reporting.error} />
            <Button type="submit" busy={reporting.isPending} disabledReason={useWhyNot()("protection:own")}>
                {t("Report status")}
            </Button>
            <p className="small muted">{t("The operator sees it with your name. Other partners do not.")}</p>
        </form>
    )
}

export function ProtectionHistory({ warning }: { warning: Warning }) {
    const nameOf = useNameOf()
    const query = useRead(`/api/protection-statuses?warning=${warning.id}`)
    return (
        <Section title={t("Protection reports")}>
            <Loaded query={query}>
                {({ protections }) =>
                    protections.length === 0 ? (
                        <Empty title={t("No protection status yet.")}>
                            {t("Report it on the overview of this warning.")}
                        </Empty>
                    ) : (
                        <Table
                            caption={t("Protection reports of your organisation, newest first")}
                            rows={protections}
                            keyOf={({ reportedAt, state, note }) => `${reportedAt} ${state} ${note}`}
                            columns={[
                                { name: t("Status"), cell: (item) => <ProtectionBadge shownProtection={item} /> },
                                { name: t("By"), cell: ({ person }) => nameOf(person) },
                                { name: t("Note"), cell: ({ note }) => note },
                                { name: t("Reported"), cell: ({ reportedAt }) => <When at={reportedAt} short /> },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}

/** Shows nothing if the program shares no aggregates. */
export function AggregatesSection({ warning }: { warning: Warning }) {
    const aggregates = useRead(`/api/warnings/${warning.id}/aggregates`).data
    if (aggregates === undefined || !aggregates.notified) return null
    return (
        <Section title={t("All partners")}>
            <Table
                caption={t("Partners that have this warning, in ranges")}
                rows={aggregates.cells}
                keyOf={({ cell }) => cell}
                columns={[
                    { name: t("Reported"), cell: ({ cell }) => cellNames[cell] },
                    {
                        name: t("Partners"),
                        cell: ({ partners }) => partners ?? <span className="muted">{t("too few to show")}</span>,
                        end: true,
                    },
                ]}
            />
            <p className="muted">
                {t(
                    "Every partner with this warning sees the same numbers, counted at midnight UTC. A number changes once {groupMin} partners report something else. Groups of fewer than {groupMin} are not shown.",
                    { groupMin: aggregates.groupMin },
                )}
            </p>
        </Section>
    )
}

const cellNames: Readonly<Record<Aggregates["cells"][number]["cell"], string>> = {
    exploitation: t("Exploitation seen"),
    none_observed: t("Searched, none seen"),
    protected: t("Protected"),
    false_positives: t("False positives of a rule"),
}
