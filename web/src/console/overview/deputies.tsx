/** Who deputises for the viewer, and for whom the viewer deputises. */
import { dayMs, formatInstant, parseInstant } from "@tocsin/base/instant"
import { rolesInCommon } from "../../../../server/src/trace/tasks/deputy.ts"
import { type AnswerTo, useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import { useColleagues, useLoadingPeople, useMe, useNames, useNow } from "../artifacts/viewer.tsx"

type DeputyRow = Deputies["deputies"][number]

type Deputies = AnswerTo<"/api/deputies">

export function DeputySection() {
    const deputies = useRead("/api/deputies")
    return (
        <Section title="Deputies" aside={<NameDeputy />}>
            <Loaded query={deputies}>
                {({ deputies: rows, standsInFor: items }) =>
                    rows.length + items.length === 0 ? (
                        <Empty title="No deputies yet.">
                            A deputy is notified of your tasks and acts in its own roles. A deputy cannot be the second
                            person for its own request.
                        </Empty>
                    ) : (
                        <DeputyTable rows={[...rows, ...items]} />
                    )
                }
            </Loaded>
        </Section>
    )
}

function DeputyTable({ rows }: { rows: readonly DeputyRow[] }) {
    const names = useNames()
    const me = useMe()
    return (
        <Table
            caption="Who deputises for whom"
            rows={rows}
            keyOf={({ id }) => id}
            columns={[
                { name: "For", cell: ({ person }) => (person === me.id ? "you" : names.person(person)) },
                { name: "Deputy", cell: ({ deputy }) => (deputy === me.id ? "you" : names.person(deputy)) },
                {
                    name: "Roles",
                    cell: ({ roles }) =>
                        roles.length > 0 ? roles.join(", ") : <Badge tone="bad">no role in common</Badge>,
                },
                { name: "From", cell: ({ from }) => <When at={from} short /> },
                { name: "Until", cell: ({ until }) => <When at={until} short /> },
                {
                    name: "Actions",
                    cell: ({ id, person }) =>
                        person === me.id && (
                            <Do look="quiet" write={writeTo("DELETE", `/api/deputies/${id}`)}>
                                End
                            </Do>
                        ),
                    end: true,
                },
            ]}
        />
    )
}

function NameDeputy() {
    const me = useMe()
    const now = useNow()
    const loading = useLoadingPeople()
    const others = useColleagues().filter(
        ({ id, left, roles }) => id !== me.id && !left && rolesInCommon(me.roles, roles).length > 0,
    )
    return (
        <FormDialog
            button="Name a deputy…"
            title="Name a deputy"
            submit="Name this deputy"
            disabledReason={
                loading ?? (others.length === 0 ? "no other person has a role in which you have tasks" : null)
            }
            requests={[
                {
                    name: "deputy",
                    label: "Deputy",
                    kind: "choice",
                    from: others.map(({ id, name, roles }) => ({ value: id, name: `${name} (${roles.join(", ")})` })),
                },
                { name: "from", label: "From", kind: "instant", optional: true, hint: "empty: from now" },
                {
                    name: "until",
                    label: "Until",
                    kind: "instant",
                    initial: formatInstant(parseInstant(now) + 14 * dayMs),
                },
            ]}
            write={({ deputy, from, until }) =>
                writeTo("POST", "/api/deputies", { deputy, until, ...(from.trim() !== "" && { from }) })
            }
        />
    )
}
