/** One case: its tabs and what each shows. */
import type { ReactNode } from "react"
import { valueText } from "@tocsin/base/value-text"
import { Link } from "@tanstack/react-router"
import { useRead, writeTo } from "../api.ts"
import type { LinkKind } from "../../../../server/src/share/cases/case.ts"
import { choicesOf } from "../../kit/field.tsx"
import { Do } from "../../kit/button.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { PermissionWords } from "../../kit/permission.tsx"
import { AffectedProducts, labelled } from "../../kit/products.tsx"
import { Columns } from "../../kit/layout/page.tsx"
import { Facts, Section, Table } from "../../kit/table.tsx"
import type { Case } from "../answers.ts"
import { Artifacts } from "../artifacts/artifacts.tsx"
import { stillLoading } from "../../kit/text.ts"
import { ChangeDialog } from "./case-form.tsx"
import { useMatrix, useWaves } from "./case-reads.ts"
import { CaseState } from "./case-state.tsx"
import { Score } from "./score.tsx"
import { CasePage } from "./case-page.tsx"
import type { CaseTab } from "./case-reads.ts"
import { CloseDialog, ClosingNotice } from "./embargo/closure.tsx"
import { CaseClocks } from "../clocks/clocks.tsx"
import { ConsentSection } from "./embargo/consents.tsx"
import { Deliveries } from "../release/deliveries.tsx"
import { EmbargoActions, Turns } from "./embargo/embargo.tsx"
import { MatrixGrid } from "../access/matrix.tsx"
import { OwedOfCase } from "./reports/follow-ups.tsx"
import { Parties } from "./embargo/parties.tsx"
import { PermissionDialog } from "./embargo/deployment-permission.tsx"
import { ProposedEndsOf } from "./embargo/proposed-ends.tsx"
import { Protection } from "./reports/protection.tsx"
import { WouldBeRefused } from "./publication.tsx"
import { Sightings } from "./reports/sightings.tsx"
import { useCan, useCases, useNames, useWhyNot } from "../artifacts/viewer.tsx"
import { Waves } from "../release/waves.tsx"

export function CaseScreen({ id, tab }: { id: string; tab: CaseTab }) {
    const query = useRead(`/api/cases/${id}`)
    return (
        <Loaded query={query}>
            {(found) => (
                <CasePage subject={found} tab={tab}>
                    <ClosingNotice subject={found} />
                    {contents[tab](found)}
                </CasePage>
            )}
        </Loaded>
    )
}

const contents: Readonly<Record<CaseTab, (subject: Case) => ReactNode>> = {
    overview: (subject) => (
        <Columns rail={<CaseFacts subject={subject} />}>
            <CaseState subject={subject} />
            <Deliveries caseId="case" id={subject.id} />
            <Protection id={subject.id} />
        </Columns>
    ),
    access: (subject) => <MatrixSection subject={subject} />,
    artifacts: (subject) => <Artifacts subject={subject} />,
    release: (subject) => <WavesSection subject={subject} />,
    reports: (subject) => (
        <>
            <Sightings id={subject.id} />
            <OwedOfCase id={subject.id} />
            <CaseClocks id={subject.id} />
        </>
    ),
    embargo: (subject) => (
        <>
            <EmbargoSection subject={subject} />
            <ConsentSection subject={subject} />
            <Parties subject={subject} />
        </>
    ),
}

function CaseFacts({ subject }: { subject: Case }) {
    const names = useNames()
    const links = subject.links.map(({ to, kind }) => (
        <span key={`${kind} ${to}`} className="block">
            {valueText(kind)} <Link to={`/cases/${to}`}>{names.case(to)}</Link>
        </span>
    ))
    return (
        <Section title="Details" aside={<CaseActions subject={subject} />}>
            <Table
                caption="Vulnerabilities"
                rows={labelled(subject.vulnerabilities)}
                keyOf={({ label }) => label}
                columns={[
                    { name: "CVE", cell: ({ label }) => <code className="code">{label}</code> },
                    { name: "Weakness", cell: ({ cwe }) => cwe },
                    { name: "Score", cell: ({ score }) => <Score score={score} />, end: true },
                    { name: "Vector", cell: ({ vector }) => <code className="code">{vector}</code> },
                    { name: "Affected products", cell: ({ products }) => <AffectedProducts products={products} /> },
                ]}
            />
            <Facts
                items={[
                    ["Found by", subject.finder === "" ? "not named" : subject.finder],
                    [
                        "Acknowledged as",
                        subject.credit === "" ? "nobody: the advisory names no finder" : subject.credit,
                    ],
                    ["Opened", <When key="at" at={subject.createdAt} />],
                    [
                        "Publication",
                        subject.closure === null ? <When key="at" at={subject.publication} /> : "never: it is closed",
                    ],
                    ["Before publication", <PermissionWords key="permission" permission={subject.permission} />],
                    ...(links.length > 0 ? [["Links", links] as const] : []),
                ]}
            />
        </Section>
    )
}

function CaseActions({ subject }: { subject: Case }) {
    const disabledReason = useWhyNot()("case:write")
    const path = `/api/cases/${subject.id}` as const
    const cases = useCases()
    const others = (cases.data?.cases ?? []).filter(({ id }) => id !== subject.id)
    const none = cases.isLoading ? stillLoading : "there is no other case"
    return (
        <>
            <ChangeDialog subject={subject} disabledReason={disabledReason} />
            <FormDialog
                button="Link…"
                title="Link it to another case"
                submit="Link them"
                disabledReason={disabledReason ?? (others.length === 0 ? none : null)}
                requests={[
                    {
                        name: "kind",
                        label: "It is a",
                        kind: "choice",
                        from: choicesOf<LinkKind>(["bypass_of", "variant_of"]),
                    },
                    {
                        name: "to",
                        label: "Case",
                        kind: "choice",
                        from: others.map(({ id, title }) => ({ value: id, name: title })),
                    },
                ]}
                write={(body) => writeTo("POST", `${path}/links`, body)}
            >
                <p className="muted">
                    What restricts a partner there restricts it here too. A link is not taken back. Where somebody reads
                    more by it, a second person is asked to sign first.
                </p>
            </FormDialog>
            <PermissionDialog subject={subject} />
            <CloseDialog subject={subject} />
        </>
    )
}

function WavesSection({ subject }: { subject: Case }) {
    const waves = useWaves(subject.id)
    const disabledReason = useWhyNot()("wave:write")
    return (
        <Section title="Waves">
            <WouldBeRefused caseId={subject.id} />
            <Loaded query={waves}>
                {({ waves }) =>
                    waves.length === 0 ? (
                        <Empty title="No waves are planned.">
                            <Do
                                look="main"
                                disabledReason={disabledReason}
                                write={writeTo("POST", `/api/cases/${subject.id}/waves`)}
                            >
                                Use the default schedule
                            </Do>
                        </Empty>
                    ) : (
                        <Waves subject={subject} waves={waves} />
                    )
                }
            </Loaded>
        </Section>
    )
}

function MatrixSection({ subject }: { subject: Case }) {
    const can = useCan()
    const matrix = useMatrix(subject.id)
    if (!can("entitlement:read")) return null
    return (
        <Section title="Who gets what, from when, and why">
            <Loaded query={matrix}>{(found) => <MatrixGrid matrix={found} />}</Loaded>
        </Section>
    )
}

function EmbargoSection({ subject }: { subject: Case }) {
    return (
        <Section title="Embargo" aside={<EmbargoActions subject={subject} />}>
            <Turns subject={subject} />
            <ProposedEndsOf subject={subject} />
        </Section>
    )
}
