/** Follow-up deadlines of partners, for one case and for one partner. */
import type { ReactNode } from "react"
import { Link } from "@tanstack/react-router"
import { Empty, Loaded } from "../../../kit/notice.tsx"
import { owedColumns, pressing } from "../../../kit/follow-up-text.tsx"
import { type Column, Section, Table } from "../../../kit/table.tsx"
import { useCan, useMayRead, useNames } from "../../artifacts/viewer.tsx"
import { ReportDeadlines } from "./report-deadlines.tsx"
import { tierNames } from "../../words.ts"
import type { AnswerTo } from "../../api.ts"
import { t } from "../../../messages/message.ts"

type OwedRow = AnswerTo<"/api/follow-ups">["followUps"][number]

export function OwedOfCase({ id: subject }: { id: string }) {
    const names = useNames()
    const column: Column<OwedRow> = {
        name: t("Partner"),
        cell: ({ partner }) => <Link to={`/partners/${partner}`}>{names.partner(partner)}</Link>,
    }
    const nothing = t("No follow-ups yet.")
    return (
        <Owed path={`/api/follow-ups?case=${subject}`} column={column} nothing={nothing}>
            <ReportDeadlines id={subject} />
        </Owed>
    )
}

export function OwedByPartner({ id: subject }: { id: string }) {
    const names = useNames()
    const column: Column<OwedRow> = {
        name: t("Case"),
        cell: ({ case: id }) => <Link to={`/cases/${id}`}>{names.case(id)}</Link>,
    }
    return <Owed path={`/api/partners/${subject}/follow-ups`} column={column} nothing={t("No follow-ups yet.")} />
}

interface OwedProps {
    path: `/api/follow-ups?case=${string}` | `/api/partners/${string}/follow-ups`
    column: Column<OwedRow>
    nothing: string
    children?: ReactNode
}

function Owed({ path, column, nothing, children }: OwedProps) {
    const can = useCan()
    const owed = useMayRead("sighting:read", path)
    if (!can("sighting:read")) return null
    return (
        <Section title={t("Follow-ups")}>
            <Loaded query={owed}>
                {({ followUps: owed }) =>
                    owed.length === 0 ? (
                        <Empty title={nothing} />
                    ) : (
                        <>
                            <p>{counted(owed)}</p>
                            <Table
                                tall
                                caption={t("Follow-ups, the most urgent first")}
                                rows={pressing(owed)}
                                keyOf={({ partner, case: id, tier, since }) => `${partner} ${id} ${tier} ${since}`}
                                columns={[
                                    column,
                                    { name: t("Wave"), cell: ({ tier }) => tierNames[tier] },
                                    ...owedColumns,
                                ]}
                            />
                            <p className="muted">
                                {t("Overdue follow-ups are counted. People decide about consequences.")}
                            </p>
                        </>
                    )
                }
            </Loaded>
            {children}
        </Section>
    )
}

function counted(rows: readonly OwedRow[]): string {
    const pick = (...states: readonly OwedRow["state"][]) => rows.filter(({ state }) => states.includes(state)).length
    return t("{overdue} overdue, {due} due, {late} reported late, {inTime} in time.", {
        overdue: pick("overdue"),
        due: pick("due"),
        late: pick("done_late"),
        inTime: pick("done"),
    })
}
