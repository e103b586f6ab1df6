/** All partners, with what is true of each now; and adding one. */
import { Link, useNavigate } from "@tanstack/react-router"
import { tiers } from "../../trust/partners/partner.ts"
import { FormDialog } from "../kit/form.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { Badge, Page, Table } from "../kit/table.tsx"
import { agreementWords, standingWords } from "../kit/words.ts"
import type { PartnerRow } from "./answers.ts"
import { usePartners, useWhyNot } from "./viewer.tsx"
import { tierNames } from "./words.ts"

export function Partners() {
    const partners = usePartners()
    return (
        <Page title="Partners" aside={<AddPartner />}>
            <Loaded of={partners}>
                {({ partners: all }) =>
                    all.length === 0 ? <Empty title="No partners yet." /> : <PartnersTable of={all} />
                }
            </Loaded>
        </Page>
    )
}

/** A duty triggered by exploitation changes nothing until a case is exploited. */
function ReportingBadge({ of }: { of: PartnerRow["reportsBeforePublication"] }) {
    if (of === "never") return null
    if (of === "when_exploited") return <Badge>reports when exploited</Badge>
    return <Badge tone="due">reports before publication</Badge>
}

function PartnersTable({ of }: { of: readonly PartnerRow[] }) {
    return (
        <Table
            caption="Partners"
            rows={of.toSorted((a, b) => a.name.localeCompare(b.name))}
            keyOf={(one) => one.id}
            columns={[
                { name: "Partner", cell: (one) => <Link to={`/partners/${one.id}`}>{one.name}</Link> },
                { name: "Tier", cell: (one) => tierNames[one.tier] },
                { name: "Status", cell: (one) => <StandingBadge of={one} /> },
                { name: "Agreement", cell: (one) => <AgreementBadge of={one} /> },
                {
                    name: "Duties",
                    cell: ({ duties, reportsBeforePublication }) =>
                        duties.length === 0 ? (
                            <span className="muted">none known</span>
                        ) : (
                            <span className="wraps">
                                {duties.map((duty) => duty.regime).join(", ")}{" "}
                                <ReportingBadge of={reportsBeforePublication} />
                            </span>
                        ),
                },
                { name: "Keys", cell: (one) => <Keys of={one} />, end: true },
                { name: "Contact", cell: (one) => <Mail of={one.mail} /> },
            ]}
        />
    )
}

/** In a narrow window its host stands below. */
function Mail({ of }: { of: string }) {
    const host = of.lastIndexOf("@") + 1
    return (
        <span className="muted">
            {of.slice(0, host)}
            <wbr />
            {of.slice(host)}
        </span>
    )
}

function Keys({ of }: { of: PartnerRow }) {
    if (of.readiness !== "untried") return of.usableKeys
    return (
        <>
            <Badge tone="due">never tried</Badge> {of.usableKeys}
        </>
    )
}

export function StandingBadge({ of }: { of: Pick<PartnerRow, "standing"> }) {
    return <Badge tone={standingWords[of.standing].tone}>{standingWords[of.standing].name}</Badge>
}

export function AgreementBadge({ of }: { of: Pick<PartnerRow, "agreement"> }) {
    return <Badge tone={agreementWords[of.agreement].tone}>{agreementWords[of.agreement].name}</Badge>
}

function AddPartner() {
    const navigate = useNavigate()
    return (
        <FormDialog
            button="Add a partner…"
            title="Add a partner"
            buttonLook="main"
            not={useWhyNot()("partner:write")}
            submit="Add it"
            asked={[
                { name: "name", label: "Name", kind: "line" },
                { name: "mail", label: "Contact address", kind: "line" },
                { name: "tier", label: "Tier", kind: "choice", from: tiers.map((value) => ({ value, name: value })) },
                {
                    name: "standing",
                    label: "It",
                    kind: "choice",
                    from: [
                        { value: "applicant", name: "applies to join" },
                        { value: "invited", name: "is invited" },
                    ],
                },
            ]}
            write={(body) => ({ method: "POST", path: "/api/partners", body })}
            onDone={(answer) => void navigate({ to: `/partners/${(answer as { id: string }).id}` })}
        />
    )
}
