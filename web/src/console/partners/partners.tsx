/** Lists all partners with their current facts, and adds one. */
import { Link, useNavigate } from "@tanstack/react-router"
import { writeTo } from "../api.ts"
import { tiers } from "../../../../server/src/trust/partners/partner.ts"
import { FormDialog } from "../../kit/form.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, Table } from "../../kit/table.tsx"
import { agreementWords, standingWords } from "../../kit/text.ts"
import type { PartnerRow } from "../answers.ts"
import { usePartners, useWhyNot } from "../artifacts/viewer.tsx"
import { tierNames } from "../words.ts"

export function Partners() {
    const partners = usePartners()
    return (
        <Page title="Partners" aside={<AddPartner />}>
            <Loaded query={partners}>
                {({ partners }) =>
                    partners.length === 0 ? <Empty title="No partners yet." /> : <PartnersTable rows={partners} />
                }
            </Loaded>
        </Page>
    )
}

/** Shows the reporting duty. A duty triggered by exploitation changes nothing until a case is exploited. */
function ReportingBadge({ id: subject }: { id: PartnerRow["reportsBeforePublication"] }) {
    if (subject === "never") return null
    if (subject === "when_exploited") return <Badge>reports when exploited</Badge>
    return <Badge tone="due">reports before publication</Badge>
}

function PartnersTable({ rows }: { rows: readonly PartnerRow[] }) {
    return (
        <Table
            caption="Partners"
            rows={rows.toSorted((a, b) => a.name.localeCompare(b.name))}
            keyOf={(row) => row.id}
            columns={[
                { name: "Partner", cell: (row) => <Link to={`/partners/${row.id}`}>{row.name}</Link> },
                { name: "Tier", cell: (row) => tierNames[row.tier] },
                { name: "Status", cell: (row) => <StandingBadge row={row} /> },
                { name: "Agreement", cell: (row) => <AgreementBadge row={row} /> },
                {
                    name: "Duties",
                    cell: ({ duties, reportsBeforePublication }) =>
                        duties.length === 0 ? (
                            <span className="muted">none known</span>
                        ) : (
                            <span className="wraps">
                                {duties.map((duty) => duty.regime).join(", ")}{" "}
                                <ReportingBadge id={reportsBeforePublication} />
                            </span>
                        ),
                },
                { name: "Keys", cell: (row) => <Keys row={row} />, end: true },
                { name: "Contact", cell: (row) => <Mail id={row.mail} /> },
            ]}
        />
    )
}

/** Wraps the address before its host in a narrow window. */
function Mail({ id: subject }: { id: string }) {
    const host = subject.lastIndexOf("@") + 1
    return (
        <span className="muted">
            {subject.slice(0, host)}
            <wbr />
            {subject.slice(host)}
        </span>
    )
}

function Keys({ row }: { row: PartnerRow }) {
    if (row.readiness !== "untested") return row.usableKeys
    return (
        <>
            <Badge tone="due">never tried</Badge> {row.usableKeys}
        </>
    )
}

export function StandingBadge({ row }: { row: Pick<PartnerRow, "status"> }) {
    return <Badge tone={standingWords[row.status].tone}>{standingWords[row.status].name}</Badge>
}

export function AgreementBadge({ row }: { row: Pick<PartnerRow, "agreement"> }) {
    return <Badge tone={agreementWords[row.agreement].tone}>{agreementWords[row.agreement].name}</Badge>
}

function AddPartner() {
    const navigate = useNavigate()
    return (
        <FormDialog
            button="Add a partner…"
            title="Add a partner"
            buttonLook="main"
            disabledReason={useWhyNot()("partner:write")}
            submit="Add it"
            requests={[
                { name: "name", label: "Name", kind: "line" },
                { name: "mail", label: "Contact address", kind: "line" },
                { name: "tier", label: "Tier", kind: "choice", from: tiers.map((value) => ({ value, name: value })) },
                {
                    name: "status",
                    label: "It",
                    kind: "choice",
                    from: [
                        { value: "applicant", name: "applies to join" },
                        { value: "invited", name: "is invited" },
                    ],
                },
            ]}
            write={(body) => writeTo("POST", "/api/partners", body)}
            onDone={(answer) => void navigate({ to: `/partners/${answer.id}` })}
        />
    )
}
