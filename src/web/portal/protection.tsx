/** How far this partner is with protection against what it was warned of, and what it is told of others. */
import { protectionNoteMax, protectionStates } from "../../lib/partner-api/limits.ts"
import { useRead } from "../kit/api.ts"
import { type Asked, FormDialog } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { ProtectionBadge } from "../kit/protection.tsx"
import { Section, Table } from "../kit/table.tsx"
import type { Aggregates, Protections, Warning } from "./answers.ts"
import { useNameOf, useWhyNot } from "./viewer.ts"

export function ProtectionSection({ of }: { of: Warning }) {
    const nameOf = useNameOf()
    const said = useRead<Protections>(`/api/protection-statuses?warning=${of.id}`)
    return (
        <Section title="Your protection" aside={<SayDialog of={of} />}>
            <Loaded of={said}>
                {({ protections: all }) =>
                    all.length === 0 ? (
                        <Empty title="No protection status reported yet.">
                            Report it once you are protected. If what you received is not enough, report that at once.
                        </Empty>
                    ) : (
                        <Table
                            caption="What your organisation said, newest first: the first counts"
                            rows={all}
                            keyOf={({ reportedAt, state, note }) => `${reportedAt} ${state} ${note}`}
                            columns={[
                                { name: "State", cell: (one) => <ProtectionBadge of={one} /> },
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

const asked: readonly Asked[] = [
    {
        ...{ name: "state", label: "How far you are", kind: "choice" },
        from: protectionStates.map((value) => ({ value, name: value })),
    },
    {
        ...{ name: "since", label: "Since when, or from when", kind: "instant", optional: true },
        ...{ hint: "Of protected and coming: when it took effect, or will.", codes: ["protection.bad_instant"] },
    },
    {
        ...{ name: "note", label: "Note", kind: "text", optional: true, length: { min: 0, max: protectionNoteMax } },
        ...{ hint: "Where you need more: what is missing.", codes: ["protection.note_missing"] },
    },
]

function SayDialog({ of }: { of: Warning }) {
    return (
        <FormDialog
            button="Report protection status…"
            title="Your protection"
            submit="Say it"
            not={useWhyNot()("protection:own")}
            asked={asked}
            write={({ state, since = "", note }) => ({
                method: "POST",
                path: "/api/protection-statuses",
                body: { warning: of.id, state, since: since.trim() === "" ? null : since, note },
            })}
        >
            <p>
                The program reads it, with your name, and sees how long it took you. No other partner does. What you
                said before stays; the newest counts.
            </p>
        </FormDialog>
    )
}

/** Nothing where the program tells nothing. */
export function AggregatesSection({ of }: { of: Warning }) {
    const its = useRead<Aggregates>(`/api/warnings/${of.id}/aggregates`).data
    if (its === undefined || !its.told) return null
    return (
        <Section title="What partners report">
            <Table
                caption="Partners that have this warning, in bands"
                rows={its.cells}
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
                once {its.groupMin} partners or more report something else; not told of fewer than {its.groupMin}, nor
                where fewer than {its.groupMin} others are left.
            </p>
        </Section>
    )
}

const cellNames: Readonly<Record<Aggregates["cells"][number]["cell"], string>> = {
    exploitation: "Exploitation seen",
    "none seen": "Looked, and saw none",
    protected: "Protected",
    "false positives": "False positives of a rule",
}
