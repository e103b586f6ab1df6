/** Lists all cases. */
import { parseInstant } from "@tocsin/base/instant"
import { Link } from "@tanstack/react-router"
import { Distance, When } from "../../kit/instant.tsx"
import { Empty, Loaded, NoAccess } from "../../kit/notice.tsx"
import { Page } from "../../kit/layout/page.tsx"
import { Badge, PagedTable } from "../../kit/table.tsx"
import { vulnerabilityNames } from "../../kit/products.tsx"
import type { Case } from "../answers.ts"
import { OpenCase } from "./open-case.tsx"
import { useCan, useCases, useWhyNot } from "../artifacts/viewer.tsx"
import { phaseWords } from "../words.ts"
import { decimalText, t } from "../../messages/message.ts"

export function CasesScreen() {
    const cases = useCases()
    const mayReadAccess = useCan()("entitlement:read")
    const whyNot = useWhyNot()("case:read")
    return (
        <Page
            title={t("Cases")}
            aside={
                <>
                    {mayReadAccess && (
                        <Link className="button plain" to="/cases/access">
                            {t("Who gets what")}
                        </Link>
                    )}
                    <OpenCase />
                </>
            }
        >
            {whyNot !== null ? (
                <NoAccess reason={whyNot} />
            ) : (
                <Loaded query={cases}>
                    {({ cases, now }) =>
                        cases.length === 0 ? (
                            <Empty title={t("No case is open.")} />
                        ) : (
                            <PagedTable
                                caption={t("Cases")}
                                dense
                                rows={cases.toSorted((a, b) => rank(a) - rank(b) || lengthLeft(a) - lengthLeft(b))}
                                keyOf={(item) => item.id}
                                columns={[
                                    {
                                        name: t("Case"),
                                        cell: (item) => <Link to={`/cases/${item.id}`}>{item.title}</Link>,
                                    },
                                    { name: t("Vulnerabilities"), cell: (item) => <Cves subject={item} /> },
                                    { name: t("Score"), cell: (item) => decimalText(worst(item), 1), end: true },
                                    { name: t("Embargo"), cell: (item) => <PhaseBadge subject={item} /> },
                                    { name: t("Publication"), cell: (item) => <Publication subject={item} /> },
                                    {
                                        name: t("Time left"),
                                        cell: ({ publication, closure: closing }) =>
                                            publication !== null &&
                                            closing === null && <Distance at={publication} now={now} />,
                                    },
                                ]}
                            />
                        )
                    }
                </Loaded>
            )}
        </Page>
    )
}

/** Cases under embargo and proposed ones come before public and closed ones. */
const rank = ({ phase, closure }: Case): number => (phase === "ended" || closure !== null ? 1 : 0)

/** Orders open cases by the next publication, and public ones by the last. */
function lengthLeft(item: Case): number {
    const at = item.publication === null ? Number.MAX_SAFE_INTEGER : parseInstant(item.publication)
    return rank(item) === 0 ? at : -at
}

const worst = (item: Case): number => Math.max(0, ...item.vulnerabilities.map(({ score }) => score ?? 0))

function Publication({ subject: { publication, closure: closing } }: { subject: Case }) {
    return closing === null ? <When at={publication} /> : <span className="muted">{t("never")}</span>
}

export function PhaseBadge({ subject }: { subject: Case }) {
    if (subject.closure !== null) return <Badge>{phaseWords[subject.closure.kind].name}</Badge>
    return <Badge tone={phaseWords[subject.phase].tone}>{phaseWords[subject.phase].name}</Badge>
}

function Cves({ subject }: { subject: Case }) {
    return (
        <span className="stack">
            {vulnerabilityNames(subject.vulnerabilities).map((label) =>
                /^CVE-\d/.test(label) ? (
                    <code key={label} className="code">
                        {label}
                    </code>
                ) : (
                    <span key={label} className="muted">
                        {label}
                    </span>
                ),
            )}
        </span>
    )
}
