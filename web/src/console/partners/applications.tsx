/** Applications: open and decided. */
import { Link } from "@tanstack/react-router"
import { useRead } from "../api.ts"
import { Distance, When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Table } from "../../kit/table.tsx"
import type { Words } from "../../kit/text.ts"
import type { ApplicationState } from "../../../../server/src/trust/partners/onboarding/application.ts"
import type { ApplicationRow } from "../access/policy-answers.ts"
import { useNames, useNow } from "../artifacts/viewer.tsx"

const stateWords: Words<ApplicationState> = {
    waiting: { name: "waits", tone: "due" },
    invited: { name: "invited", tone: "good" },
    declined: { name: "declined", tone: "plain" },
}

export function ApplicationBadge({ row }: { row: Pick<ApplicationRow, "state"> }) {
    return <Badge tone={stateWords[row.state].tone}>{stateWords[row.state].name}</Badge>
}

export function Applications() {
    const query = useRead("/api/applications")
    return (
        <Page title="Applications">
            <Loaded query={query}>
                {({ applications }) =>
                    applications.length === 0 ? (
                        <Empty title="Nobody has applied.">The form stands open in the portal, without sign-in.</Empty>
                    ) : (
                        <ApplicationsTable rows={applications} />
                    )
                }
            </Loaded>
        </Page>
    )
}

function ApplicationsTable({ rows }: { rows: readonly ApplicationRow[] }) {
    const names = useNames()
    const now = useNow()
    return (
        <Table
            caption="Applications: those that wait first"
            rows={rows}
            keyOf={({ partner }) => partner}
            columns={[
                {
                    name: "Organisation",
                    cell: ({ partner, organisation }) => (
                        <Link to={`/partners/applications/${partner}`}>{organisation}</Link>
                    ),
                },
                { name: "Made", cell: ({ submittedAt: createdAt }) => <When at={createdAt} short /> },
                { name: "Since", cell: ({ submittedAt: createdAt }) => <Distance at={createdAt} now={now} /> },
                { name: "State", cell: (row) => <ApplicationBadge row={row} /> },
                {
                    name: "Decided by",
                    cell: ({ decidedBy }) => (decidedBy === null ? "" : names.person(decidedBy)),
                },
            ]}
        />
    )
}
