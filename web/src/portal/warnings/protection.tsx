/** This partner's protection status for a warning, and the aggregates about other partners. */
import { valueText } from "@tocsin/base/value-text"
import { protectionNoteMax, protectionStates } from "@tocsin/client/limits"
import { useRead, writeTo } from "../api.ts"
import { type Asked, FormDialog } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { ProtectionBadge } from "../../kit/protection.tsx"
import { Section, Table } from "../../kit/table.tsx"
import type { Aggregates, Warning } from "../answers.ts"
import { useNameOf, useWhyNot } from "../viewer.ts"

export function ProtectionSection({ warning }: { warning: Warning }) {
    const nameOf = useNameOf()
    const query = useRead(`/api/protection-statuses?warning=${warning.id}`)
    return (
        <Section title="Your protection" aside={<SayDialog warning={warning} />}>
            <Loaded query={query}>
                {({ protections }) =>
                    protections.length === 0 ? (
                        <Empty title="No protection status reported yet.">
                            Report it once you are protected. If what you received is not enough, report that at once.
                        </Empty>
                    ) : (
                        <Table
                            caption="What your organisation said, newest first: the first counts"
                            rows={protections}
                            keyOf={({ reportedAt, state, note }) => `${reportedAt} ${state} ${note}`}
                            columns={[
                                { name: "State", cell: (item) => <ProtectionBadge shownProtection={item} /> },
                                { name: "By", cell: ({ person }) => nameOf(person) },
                                { name: "Note", cell: ({ note }) => note },
                                { name: "Said", cell: ({ reportedAt }) => <When at={reportedAt} short /> },
                            ]}
                        />
                    )
                }
            </Loaded>
        </Section>
    )
}

const requests = [
    {
        name: "state",
        label: "How far you are",
        kind: "choice",
        from: protectionStates.map((value) => ({ value, name: valueText(value) })),
    },
    {
        name: "since",
        label: "Since when, or from when",
        kind: "instant",
        optional: true,
        hint: "Of protected and in progress: when it took effect, or will.",
        codes: ["protection.bad_instant"],
    },
    {
        name: "note",
        label: "Note",
        kind: "text",
        optional: true,
        length: { min: 0, max: protectionNoteMax },
        hint: "Where you need more: what is missing.",
        codes: ["protection.note_missing"],
    },
] as const satisfies readonly Asked[]

function SayDialog({ warning }: { warning: Warning }) {
    return (
        <FormDialog
            button="Report protection status…"
            title="Your protection"
            submit="Say it"
            disabledReason={useWhyNot()("protection:own")}
            requests={requests}
            write={({ state, since, note }) =>
                writeTo("POST", "/api/protection-statuses", {
                    warning: warning.id,
                    state,
                    since: since.trim() === "" ? null : since,
                    note,
                })
            }
        >
            <p>
                The program reads it, with your name, and sees how long it took you. No other partner does. What you
                said before stays; the newest counts.
            </p>
        </FormDialog>
    )
}

/** Shows nothing if the program shares no aggregates. */
export function AggregatesSection({ warning }: { warning: Warning }) {
    const aggregates = useRead(`/api/warnings/${warning.id}/aggregates`).data
    if (aggregates === undefined || !aggregates.notified) return null
    return (
        <Section title="What partners report">
            <Table
                caption="Partners that have this warning, in bands"
                rows={aggregates.cells}
                keyOf={({ cell }) => cell}
                columns={[
                    { name: "Reported", cell: ({ cell }) => cellNames[cell] },
                    {
                        name: "Partners",
                        cell: ({ partners }) => partners ?? <span className="muted">not told</span>,
                        end: true,
                    },
                ]}
            />
            <p className="muted">
                The same for everybody who has this warning, yours among them. Counted at midnight UTC, and changed only
                once {aggregates.groupMin} partners or more report something else; not told of fewer than{" "}
                {aggregates.groupMin}, nor where fewer than {aggregates.groupMin} others are left.
            </p>
        </Section>
    )
}

const cellNames: Readonly<Record<Aggregates["cells"][number]["cell"], string>> = {
    exploitation: "Exploitation seen",
    none_observed: "Looked, and saw none",
    protected: "Protected",
    false_positives: "False positives of a rule",
}
