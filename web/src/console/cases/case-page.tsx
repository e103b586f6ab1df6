/** The page of a case: its header with secrecy, countdown and wave track, and its tabs. */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { parseInstant } from "@tocsin/base/instant"
import { When, spanParts } from "../../kit/instant.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { type Secrecy, SecretPage } from "../../kit/layout/page.tsx"
import type { Tab } from "../../kit/layout/tabs.tsx"
import { Badge, Label } from "../../kit/table.tsx"
import { vulnerabilityNames } from "../../kit/products.tsx"
import { tlpLabels } from "../../../../server/src/share/artifacts/artifact.ts"
import type { Artifact, Case, Wave } from "../answers.ts"
import { useCan, useNow } from "../artifacts/viewer.tsx"
import { phaseWords, tierNames } from "../words.ts"
import { useClocks } from "../clocks/clock-answers.ts"
import { dueFilings } from "./filings/filing-rows.ts"
import { useApprovals } from "../release/approval-reads.ts"
import { detailOf } from "../release/effect-parts.tsx"
import { ContentNotice } from "./content.tsx"
import { CaseMenu, DeletedCaseMenu } from "./case-menu.tsx"
import { useExploitation } from "./exploitation.ts"
import { useCaseArtifacts, useMatrix, useWaves } from "./case-reads.ts"
import type { CaseTab } from "./case-reads.ts"
import { useIsUnnotified } from "./publication.tsx"
import { Score } from "./score.tsx"
import { WaveTrack } from "./wave-track.tsx"
import { rich, t } from "../../messages/message.ts"

interface CasePageProps {
    subject: Case
    tab: CaseTab
    /** The wave that the page shows; without it, the page shows the whole tab. */
    wave?: string
    /** The name of the part of the tab that the page shows. */
    part?: string
    children: ReactNode
}

export function CasePage({ subject, tab, wave, part, children }: CasePageProps) {
    const waves = useWaves(subject.id).data?.waves ?? []
    const exploitation = useExploitation(subject.id)
    const shownWave = waves.find(({ id }) => id === wave)
    const here = shownWave === undefined ? part : t("{tier} wave", { tier: tierNames[shownWave.tier] })
    const tabs = useTabs(subject, waves)
    const isUnnotified = useIsUnnotified(subject.id)
    return (
        <SecretPage
            secrecy={secrecyOf(subject, waves, isUnnotified)}
            title={subject.title}
            tabTitle={t("Case: {tab}", { tab: tabNames[tab] })}
            path={[
                { to: "/cases", name: t("Cases") },
                ...(here === undefined
                    ? []
                    : [
                          { to: `/cases/${subject.id}`, name: subject.title },
                          { to: `/cases/${subject.id}/${tab}`, name: tabNames[tab] },
                      ]),
            ]}
            {...(here !== undefined && { here })}
            lead={<HeaderFacts subject={subject} waves={waves} isUnnotified={isUnnotified} />}
            figure={<Countdown subject={subject} />}
            {...(tab === "overview" && {
                track: (
                    <WaveTrack
                        subject={subject}
                        waves={waves}
                        exploited={exploitation === null ? [] : [exploitation.at]}
                    />
                ),
            })}
            tabs={tabs}
            tabsLabel={t("Case")}
            aside={
                subject.contentDeletedAt === null ? (
                    <HeaderActions subject={subject} tab={tab} waves={waves} />
                ) : (
                    <DeletedCaseMenu subject={subject} />
                )
            }
        >
            <ContentNotice subject={subject} />
            {children}
        </SecretPage>
    )
}

const tabNames: Readonly<Record<CaseTab, string>> = {
    overview: t("Overview"),
    access: t("Who gets what"),
    artifacts: t("Artifacts"),
    release: t("Release"),
    reports: t("Reports"),
    embargo: t("Embargo and parties"),
    questions: t("Questions"),
    history: t("History"),
}

/** Without its content, a case has only records to show. */
const recordTabs: ReadonlySet<string> = new Set(
    ["overview", "access", "history"].map((tab) => tabNames[tab as CaseTab]),
)

function useTabs({ id, contentDeletedAt }: Case, waves: readonly Wave[]): readonly Tab[] {
    const can = useCan()
    const artifacts = useCaseArtifacts(id).data?.artifacts.length ?? 0
    const open = waves.filter(({ state }) => needsAction.has(state)).length
    const due = dueFilings(useClocks(id).data?.clocks ?? []).length
    const tab = (name: CaseTab, path: string, count = 0, isUrgent = false): Tab => ({
        to: `/cases/${id}${path}`,
        name: tabNames[name],
        count,
        isUrgent,
    })
    const tabs = [
        tab("overview", ""),
        ...(can("entitlement:read") ? [tab("access", "/access")] : []),
        tab("artifacts", "/artifacts", artifacts),
        tab("release", "/release", open, true),
        tab("reports", "/reports", due, true),
        tab("embargo", "/embargo"),
        ...(can("warning_question:read") ? [tab("questions", "/questions")] : []),
        ...(can("audit_log:read") ? [tab("history", "/history")] : []),
    ]
    return contentDeletedAt === null ? tabs : tabs.filter(({ name }) => recordTabs.has(name))
}

const needsAction: ReadonlySet<Wave["state"]> = new Set(["planned", "requested", "approval_voided", "due", "frozen"])

function secrecyOf(subject: Case, waves: readonly Wave[], isUnnotified: boolean): Secrecy {
    if (waves.some(({ state }) => state === "frozen")) return "frozen"
    return subject.phase === "ended" && !isUnnotified ? "public" : "embargo"
}

interface HeaderFactsProps {
    subject: Case
    waves: readonly Wave[]
    isUnnotified: boolean
}

function HeaderFacts({ subject, waves, isUnnotified }: HeaderFactsProps) {
    const { vulnerabilities, closure, phase } = subject
    const labels = vulnerabilityNames(vulnerabilities)
    const tlp = strictestOf(useCaseArtifacts(subject.id).data?.artifacts ?? [])
    const status = closure === null ? phaseWords[phase].name : phaseWords[closure.kind].name
    const products = new Set(
        vulnerabilities.flatMap((item) => item.products.map(({ vendor, name }) => `${vendor} ${name}`)),
    )
    return (
        <>
            <span className="row">
                <Icon name={phase === "ended" ? "globe" : "lock"} />
                <b>{status}</b>
            </span>
            {waves.some(({ state }) => state === "frozen") && <Badge tone="due">{t("frozen")}</Badge>}
            {isUnnotified && <Badge tone="bad">{t("not published")}</Badge>}
            {tlp !== null && phase !== "ended" && <Label scheme="TLP" value={tlp} />}
            {vulnerabilities.map(({ score }, n) => (
                <span key={labels[n]} className="row">
                    <Score score={score} />
                    <span className="mono">{labels[n]}</span>
                </span>
            ))}
            {products.size > 0 && (
                <span>{t("{count, plural, one {# product} other {# products}}", { count: products.size })}</span>
            )}
            {subject.contentDeletedAt === null && <Partners subject={subject} waves={waves} />}
        </>
    )
}

/** How many partners get something by publication, and how many are warned. */
function Partners({ subject, waves }: { subject: Case; waves: readonly Wave[] }) {
    const entitlements = useMatrix(subject.id).data?.entitlements
    if (entitlements === undefined) return null
    const entitled = entitlements.filter(({ decision }) => decision.from !== null)
    const released = new Set(waves.filter(({ releasedAt }) => releasedAt !== null).map(({ tier }) => tier))
    const warned = entitled.filter(({ decision }) => decision.waves.some((tier) => released.has(tier)))
    const counted = (list: typeof entitled) => new Set(list.map(({ partner }) => partner)).size
    return (
        <span>
            {t("{count, plural, one {# partner} other {# partners}}, {warned} warned", {
                count: counted(entitled),
                warned: counted(warned),
            })}
        </span>
    )
}

/** Returns the strictest TLP label; null without artifacts. */
function strictestOf(artifacts: readonly Pick<Artifact, "tlp">[]): string | null {
    const last = Math.max(-1, ...artifacts.map(({ tlp }) => tlpLabels.indexOf(tlp)))
    return tlpLabels[last] ?? null
}

interface HeaderActionsProps {
    subject: Case
    tab: CaseTab
    waves: readonly Wave[]
}

/** The one action that the case waits for, and the menu. */
function HeaderActions({ subject, tab, waves }: HeaderActionsProps) {
    const can = useCan()
    const own = new Set(waves.map(({ id }) => id))
    const signable = (useApprovals().data?.pending ?? []).filter(
        (approval) => approval.maySign && own.has(String(detailOf(approval).wave)),
    )
    const toSign = waves.find(({ id }) => signable.some((approval) => detailOf(approval).wave === id))
    const toRequest = waves.find(({ state }) => state === "planned" || state === "approval_voided" || state === "due")
    return (
        <>
            {tab !== "release" && toSign !== undefined && (
                <Link
                    className="button main"
                    to={
                        signable.length > 1
                            ? `/cases/${subject.id}/release`
                            : `/cases/${subject.id}/release/${toSign.id}`
                    }
                >
                    <Icon name="sign" />
                    {signable.length > 1
                        ? t("Sign {count} waves", { count: signable.length })
                        : t("Sign the {tier} wave", { tier: tierNames[toSign.tier] })}
                </Link>
            )}
            {tab !== "release" && toSign === undefined && toRequest !== undefined && can("wave:write") && (
                <Link className="button main" to={`/cases/${subject.id}/release`}>
                    {t("Request waves")}
                </Link>
            )}
            <CaseMenu subject={subject} />
        </>
    )
}

/** The one large number: how long until publication. */
function Countdown({ subject: { publication, closure, phase } }: { subject: Case }) {
    const now = parseInstant(useNow())
    if (publication === null || closure !== null) return null
    const left = parseInstant(publication) - now
    const when = <When at={publication} short />
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
                {left > 0
                    ? rich("to publication, {when}", { when })
                    : phase === "ended"
                      ? rich("public since {when}", { when })
                      : rich("publication was due {when}", { when })}
            </div>
        </div>
    )
}
