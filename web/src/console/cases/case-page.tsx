/** The page of a case: its header with secrecy, countdown and wave track, and its tabs. */
import type { ReactNode } from "react"
import { parseInstant } from "@tocsin/base/instant"
import { vulnerabilityLabels } from "@tocsin/formats/advisory/vulnerability"
import { When, spanParts } from "../../kit/instant.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { type Secrecy, SecretPage } from "../../kit/layout/page.tsx"
import type { Tab } from "../../kit/layout/tabs.tsx"
import { Badge } from "../../kit/table.tsx"
import type { Case, Wave } from "../answers.ts"
import { useCan, useNow } from "../artifacts/viewer.tsx"
import { useExploitations } from "../leaks/evidence/evidence-reads.ts"
import { phaseWords } from "../words.ts"
import { useCaseArtifacts, useWaves } from "./case-reads.ts"
import type { CaseTab } from "./case-reads.ts"
import { useIsUntold } from "./publication.tsx"
import { Score } from "./score.tsx"
import { WaveTrack } from "./wave-track.tsx"

interface CasePageProps {
    subject: Case
    tab: CaseTab
    children: ReactNode
}

export function CasePage({ subject, tab, children }: CasePageProps) {
    const waves = useWaves(subject.id).data?.waves ?? []
    const exploited = useExploitations(subject.id)
    const tabs = useTabs(subject.id, waves)
    const isUntold = useIsUntold(subject.id)
    return (
        <SecretPage
            secrecy={secrecyOf(subject, waves, isUntold)}
            title={subject.title}
            tabTitle={`Case: ${tabNames[tab]}`}
            path={[{ to: "/cases", name: "Cases" }]}
            lead={<Facts subject={subject} isUntold={isUntold} />}
            figure={<Countdown subject={subject} />}
            {...(tab === "overview" && {
                track: <WaveTrack subject={subject} waves={waves} exploited={exploited} />,
            })}
            tabs={tabs}
            tabsLabel="Case"
        >
            {children}
        </SecretPage>
    )
}

const tabNames: Readonly<Record<CaseTab, string>> = {
    overview: "Overview",
    access: "Who gets what",
    artifacts: "Artifacts",
    release: "Release",
    reports: "Reports",
    embargo: "Embargo and parties",
}

function useTabs(id: string, waves: readonly Wave[]): readonly Tab[] {
    const can = useCan()
    const artifacts = useCaseArtifacts(id).data?.artifacts.length ?? 0
    const open = waves.filter(({ state }) => needsAction.has(state)).length
    const tab = (name: CaseTab, path: string, count = 0, isUrgent = false): Tab => ({
        to: `/cases/${id}${path}`,
        name: tabNames[name],
        count,
        isUrgent,
    })
    return [
        tab("overview", ""),
        ...(can("entitlement:read") ? [tab("access", "/access")] : []),
        tab("artifacts", "/artifacts", artifacts),
        tab("release", "/release", open, true),
        tab("reports", "/reports"),
        tab("embargo", "/embargo"),
    ]
}

const needsAction: ReadonlySet<Wave["state"]> = new Set(["planned", "requested", "approval_voided", "due", "frozen"])

function secrecyOf(subject: Case, waves: readonly Wave[], isUntold: boolean): Secrecy {
    if (waves.some(({ state }) => state === "frozen")) return "frozen"
    return subject.phase === "ended" && !isUntold ? "public" : "embargo"
}

function Facts({ subject, isUntold }: { subject: Case; isUntold: boolean }) {
    const { vulnerabilities, closure, phase } = subject
    const labels = vulnerabilityLabels(vulnerabilities)
    const status = closure === null ? phaseWords[phase].name : closure.kind
    return (
        <>
            <span className="row">
                <Icon name={phase === "ended" ? "globe" : "lock"} />
                <b>{status}</b>
            </span>
            {isUntold && <Badge tone="bad">not published</Badge>}
            {vulnerabilities.map(({ score }, n) => (
                <span key={labels[n]} className="row">
                    <Score score={score} />
                    <span className="mono">{labels[n]}</span>
                </span>
            ))}
        </>
    )
}

/** The one large number: how long until publication. */
function Countdown({ subject: { publication, closure, phase } }: { subject: Case }) {
    const now = parseInstant(useNow())
    if (publication === null || closure !== null) return null
    const left = parseInstant(publication) - now
    return (
        <div className="countdown">
            {left > 0 && (
                <div className="big">
                    {spanParts(left).map(([count, unit]) => (
                        <span key={unit}>
                            {count}
                            <small>{unit}</small>
                        </span>
                    ))}
                </div>
            )}
            <div className="what">
                {left > 0 ? "to publication, " : phase === "ended" ? "public since " : "publication was due "}
                <When at={publication} short />
            </div>
        </div>
    )
}
