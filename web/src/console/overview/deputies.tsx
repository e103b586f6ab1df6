/** Shows the deputies of the viewer, and the people the viewer acts for. */
import { dayMs, formatInstant, parseInstant } from "@tocsin/base/instant"
import { rolesInCommon } from "../../../../server/src/trace/tasks/deputy.ts"
import { type AnswerTo, useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import { useColleagues, useLoadingPeople, useMe, useNames, useNow } from "../artifacts/viewer.tsx"
import { t, valueText } from "../../messages/message.ts"

type DeputyRow = Deputies["deputies"][number]

type Deputies = AnswerTo<"/api/deputies">

export function DeputySection() {
    const deputies = useRead("/api/deputies")
    return (
        <Section title={t("Deputies")} aside={<NameDeputy />}>
            <Loaded query={deputies}>
                {({ deputies: rows, standsInFor: items }) =>
                    rows.length + items.length === 0 ? (
                        <Empty title={t("No deputies yet.")}>
                            {t(
                                "A deputy is notified of your tasks and acts in its own roles. A deputy cannot be the second person for its own request.",
                            )}
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
            caption={t("Deputies, and the people they act for")}
            rows={rows}
            keyOf={({ id }) => id}
            columns={[
                { name: t("Person"), cell: ({ person }) => (person === me.id ? t("you") : names.person(person)) },
                { name: t("Deputy"), cell: ({ deputy }) => (deputy === me.id ? t("you") : names.person(deputy)) },
                {
                    name: t("Roles"),
                    cell: ({ roles }) =>
                        roles.length > 0 ? rolesText(roles) : <Badge tone="bad">{t("no role in common")}</Badge>,
                },
                { name: t("From"), cell: ({ from }) => <When at={from} short /> },
                { name: t("Until"), cell: ({ until }) => <When at={until} short /> },
                {
                    name: t("Actions"),
                    cell: ({ id, person }) =>
                        person === me.id && (
                            <Do look="quiet" write={writeTo("DELETE", `/api/deputies/${id}`)}>
                                {t("End")}
                            </Do>
                        ),
                    end: true,
                },
            ]}
        />
    )
}

const rolesText = (roles: readonly string[]): string => roles.map(valueText).join(", ")

function NameDeputy() {
    const me = useMe()
    const now = useNow()
    const loading = useLoadingPeople()
    const others = useColleagues().filter(
        ({ id, left, roles }) => id !== me.id && !left && rolesInCommon(me.roles, roles).length > 0,
    )
    return (
        <FormDialog
            button={t("Name a deputy…")}
            title={t("Name a deputy")}
            submit={t("Name this deputy")}
            disabledReason={
                loading ?? (others.length === 0 ? t("no other person has a role in which you have tasks") : null)
            }
            requests={[
                {
                    name: "deputy",
                    label: t("Deputy"),
                    kind: "choice",
                    from: others.map(({ id, name, roles }) => ({ value: id, name: `${name} (${rolesText(roles)})` })),
                },
                { name: "from", label: t("From"), kind: "instant", optional: true, hint: t("empty: from now") },
                {
                    name: "until",
                    label: t("Until"),
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
