/** One case: where it stands, its waves, its facts, who gets what of it, what there is to get, and its embargo. */
import { Link } from "@tanstack/react-router"
import { useRead } from "../kit/api.ts"
import { Do } from "../kit/button.tsx"
import { FormDialog } from "../kit/form.tsx"
import { When } from "../kit/instant.tsx"
import { Empty, Loaded } from "../kit/notice.tsx"
import { PermissionWords } from "../kit/permission.tsx"
import { AffectedProducts, labelled } from "../kit/products.tsx"
import { Badge, Facts, Page, Section, Table } from "../kit/table.tsx"
import type { Case } from "./answers.ts"
import { Artifacts } from "./artifacts.tsx"
import { stillLoading } from "../kit/words.ts"
import { ChangeDialog } from "./case-form.tsx"
import { CaseState, useMatrix, useWaves } from "./case-state.tsx"
import { PhaseBadge } from "./cases.tsx"
import { CloseDialog, ClosingNotice } from "./closing.tsx"
import { CaseClocks } from "./clocks.tsx"
import { ConsentSection } from "./consents.tsx"
import { Deliveries } from "./deliveries.tsx"
import { EmbargoActions, Turns } from "./embargo.tsx"
import { MatrixGrid } from "./matrix.tsx"
import { OwedOfCase } from "./owed.tsx"
import { Parties } from "./parties.tsx"
import { PermissionDialog } from "./permission.tsx"
import { ProposedEndsOf } from "./proposed-ends.tsx"
import { Protection } from "./protection.tsx"
import { WouldBeRefused, useIsUntold } from "./publication.tsx"
import { Sightings } from "./sightings.tsx"
import { useCan, useCases, useNames, useWhyNot } from "./viewer.tsx"
import { Waves } from "./waves.tsx"

export function CaseScreen({ id }: { id: string }) {
    const one = useRead<Case>(`/api/cases/${id}`)
    return (
        <Loaded of={one}>
            {(found) => (
                <Page title={found.title} kind="Case" aside={<StateBadge of={found} />}>
                    <ClosingNotice of={found} />
                    <CaseState of={found} />
                    <WavesSection of={found} />
                    <CaseFacts of={found} />
                    <MatrixSection of={found} />
                    <Artifacts of={found} />
                    <EmbargoSection of={found} />
                    <ConsentSection of={found} />
                    <Parties of={found} />
                    <Deliveries of="case" id={found.id} />
                    <Sightings of={found.id} />
                    <Protection of={found.id} />
                    <OwedOfCase of={found.id} />
                    <CaseClocks of={found.id} />
                </Page>
            )}
        </Loaded>
    )
}

function StateBadge({ of }: { of: Case }) {
    return useIsUntold(of.id) ? <Badge tone="bad">not published</Badge> : <PhaseBadge of={of} />
}

function CaseFacts({ of }: { of: Case }) {
    const names = useNames()
    const links = of.links.map(({ to, kind }) => (
        <span key={`${kind} ${to}`} className="block">
            {kind} <Link to={`/cases/${to}`}>{names.case(to)}</Link>
        </span>
    ))
    return (
        <Section title="Details" aside={<CaseActions of={of} />}>
            <Table
                caption="Vulnerabilities"
                rows={labelled(of.vulnerabilities)}
                keyOf={({ label }) => label}
                columns={[
                    { name: "CVE", cell: ({ label }) => <code className="code">{label}</code> },
                    { name: "Weakness", cell: ({ cwe }) => cwe },
                    { name: "Score", cell: ({ score }) => <Score of={score} />, end: true },
                    { name: "Vector", cell: ({ vector }) => <code className="code">{vector}</code> },
                    { name: "Affected products", cell: ({ products }) => <AffectedProducts of={products} /> },
                ]}
            />
            <Facts
                of={[
                    ["Found by", of.finder === "" ? "not named" : of.finder],
                    ["Acknowledged as", of.credit === "" ? "nobody: the advisory names no finder" : of.credit],
                    ["Opened", <When key="at" at={of.createdAt} />],
                    [
                        "Publication",
                        of.closing === null ? <When key="at" at={of.publication} /> : "never: it is closed",
                    ],
                    ["Before publication", <PermissionWords key="permission" of={of.permission} />],
                    ...(links.length > 0 ? [["Links", links] as const] : []),
                ]}
            />
        </Section>
    )
}

function CaseActions({ of }: { of: Case }) {
    const not = useWhyNot()("case:write")
    const path = `/api/cases/${of.id}`
    const cases = useCases()
    const others = (cases.data?.cases ?? []).filter(({ id }) => id !== of.id)
    const none = cases.isLoading ? stillLoading : "there is no other case"
    return (
        <>
            <ChangeDialog of={of} not={not} />
            <FormDialog
                button="Link…"
                title="Link it to another case"
                submit="Link them"
                not={not ?? (others.length === 0 ? none : null)}
                asked={[
                    { name: "kind", label: "It is a", kind: "choice", from: ["bypass of", "variant of"].map(choiceOf) },
                    {
                        name: "to",
                        label: "Case",
                        kind: "choice",
                        from: others.map(({ id, title }) => ({ value: id, name: title })),
                    },
                ]}
                write={(body) => ({ method: "POST", path: `${path}/links`, body })}
            >
                <p className="muted">
                    What restricts a partner there restricts it here too. A link is not taken back. Where somebody reads
                    more by it, a second person is asked to sign first.
                </p>
            </FormDialog>
            <PermissionDialog of={of} />
            <CloseDialog of={of} />
        </>
    )
}

const choiceOf = (value: string) => ({ value, name: value })

function Score({ of }: { of: number | null }) {
    if (of === null) return null
    return <Badge tone={of >= 9 ? "bad" : of >= 7 ? "due" : "plain"}>{of.toFixed(1)}</Badge>
}

function WavesSection({ of }: { of: Case }) {
    const waves = useWaves(of.id)
    const not = useWhyNot()("wave:write")
    return (
        <Section title="Waves">
            <WouldBeRefused caseId={of.id} />
            <Loaded of={waves}>
                {({ waves: all }) =>
                    all.length === 0 ? (
                        <Empty title="No waves are planned.">
                            <Do look="main" not={not} write={{ method: "POST", path: `/api/cases/${of.id}/waves` }}>
                                Use the default schedule
                            </Do>
                        </Empty>
                    ) : (
                        <Waves of={of} waves={all} />
                    )
                }
            </Loaded>
        </Section>
    )
}

function MatrixSection({ of }: { of: Case }) {
    const can = useCan()
    const matrix = useMatrix(of.id)
    if (!can("entitlement:read")) return null
    return (
        <Section title="Who gets what, from when, and why">
            <Loaded of={matrix}>{(found) => <MatrixGrid of={found} />}</Loaded>
        </Section>
    )
}

function EmbargoSection({ of }: { of: Case }) {
    return (
        <Section title="Embargo" aside={<EmbargoActions of={of} />}>
            <Turns of={of} />
            <ProposedEndsOf of={of} />
        </Section>
    )
}
