/** Describes an approval's effects in words: who gets what, and when. */
import { valueText } from "@tocsin/base/value-text"
import type { Difference } from "../../../../server/src/models/high-water.ts"
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import type { Doubt } from "../../../../server/src/models/clock-trust.ts"
import { formatInstant } from "@tocsin/base/instant"
import { requirementKinds } from "../../../../server/src/trust/partners/requirements/requirement.ts"
import type { RecipientGroup } from "../../../../server/src/trust/approvals/approval.ts"
import type { Rules } from "../../../../server/src/trust/partners/program-rules.ts"
import type { Duty } from "../../../../server/src/trust/partners/reporting-duties/reporting-duties.ts"
import { When } from "../../kit/instant.tsx"
import { Facts, Lines } from "../../kit/table.tsx"
import type { WaveTier } from "../../../../server/src/share/waves/wave.ts"
import type { Approval } from "../answers.ts"
import { HowItGoesOut } from "./waves/unmarked-parts.tsx"
import { measureActs, measureRows } from "../measures/measure-effects.tsx"
import { RetoldText, type Said, SaidOf } from "../cases/amendment-diff.tsx"
import { type Names, useArtifacts, useCan, useMayRead, useNames } from "../artifacts/viewer.tsx"
import { doubtWords, tierNames } from "../words.ts"
import { nameOr } from "../../kit/text.ts"
import { provenInWords, reasonTexts } from "../overview/quarantine-words.ts"

interface Reconciled {
    readonly reasons: readonly Difference[]
    readonly proven: { readonly receipts: number; readonly batches: number }
}

type Row = readonly [name: string, value: ReactNode]

export function EffectsInWords({ approval }: { approval: Approval }) {
    const names = useNames()
    const things = useArtifacts()
    const can = useCan()
    const { recipients, artifacts, recipientGroups: openings, at } = approval.effects
    const list = recipients.map((recipient) => names.partner(recipient)).toSorted()
    const rows: Row[] = [
        ...(approval.action in acts ? [["Effect", acts[approval.action]?.(approval, names)] as const] : []),
        ...wordRows(approval),
    ]
    const cases = [
        ...new Set(artifacts.map((artifactVersion) => things.find(({ id }) => id === artifactVersion.artifact)?.case)),
    ]
    const titles = cases.flatMap((caseId) => (caseId === undefined ? [] : names.case(caseId)))
    if (titles.length > 0) rows.push(["Case", titles.join(", ")])
    const versionsIn = (artifacts: RecipientGroup["artifacts"]): string =>
        artifacts
            .map(({ artifact, version }) => `${names.artifact(artifact)} v${version}`)
            .toSorted()
            .join(", ")
    if (list.length > 0) rows.push([`Partners (${list.length})`, list.join(", ")])
    if (artifacts.length > 0) rows.push([`Artifacts (${artifacts.length})`, versionsIn(artifacts)])
    if (list.length > 0 && artifacts.length > 0 && can("wave:read")) {
        rows.push(["Marks", <HowItGoesOut key="marks" subject={{ approval: approval.id }} />])
    }
    for (const opening of openings ?? []) {
        const people = opening.recipients.map((partner) => names.partner(partner)).toSorted()
        rows.push([`For ${people.join(", ")}`, versionsIn(opening.artifacts)])
    }
    if (isPublication(approval)) rows.push(["Public", publicWords])
    const statement = saidIn(approval, cases[0])
    if (statement !== null) rows.push(["Partners read", <SaidOf key="said" {...statement} />])
    rows.push(["When", at === null ? "once applied" : <When key="at" at={formatInstant(at)} />])
    return (
        <>
            <Facts items={rows} />
            {approval.action === "case.amend" && (
                <RetoldText approval={approval} caseId={String(detailOf(approval).case)} />
            )}
        </>
    )
}

/** The text that becomes public when the embargo ends. The signer signs it too. */
export const publicWords =
    "At that instant, the facts of the case and its released summaries and guidance (.md, .txt) become public, whatever their label except TLP:RED."

function isPublication(approval: Approval): boolean {
    return (
        approval.action === "embargo.terminate" ||
        (approval.action === "wave.release" && detailOf(approval).tier === "publication")
    )
}

/** Names the source of the signed text, if the text is signed verbatim. */
function saidIn(approval: Approval, ofArtifacts: string | undefined): Said | null {
    const { case: id = ofArtifacts, revision } = detailOf(approval)
    if (approval.action === "case.amend" || typeof id !== "string" || typeof revision !== "number") return null
    return { case: id, revision }
}

export function detailOf(approval: Approval): Readonly<Record<string, unknown>> {
    const { detail } = approval.effects
    return typeof detail === "object" && detail !== null && !Array.isArray(detail) ? { ...detail } : {}
}

const listed = (value: unknown): string => (Array.isArray(value) ? value.join(", ") : "")

const acts: Readonly<Record<string, (approval: Approval, names: Names) => ReactNode>> = {
    "wave.release": (approval) => {
        const tier = String(detailOf(approval).tier)
        return `The ${tierNames[tier as keyof typeof tierNames] ?? tier} wave is released to its partners`
    },
    "wave.unfreeze": (approval) => <ThawedWave approval={approval} />,
    "embargo.terminate": (approval, names) => <BrokenEmbargo approval={approval} names={names} />,
    "recall.lift": () => "Partners can read the recalled versions again",
    "wave.late_release": () => "Released waves open this version. It supersedes the version that partners hold",
    "consent.invite": (approval, names) => {
        const id = String(detailOf(approval).case)
        return (
            <>
                Invited to the embargo of <Link to={`/cases/${id}`}>{names.case(id)}</Link>: a partner that accepts gets
                what released waves have opened
            </>
        )
    },
    "case.link": (approval, names) => {
        const { case: from, to, kind } = detailOf(approval)
        return (
            <>
                <Link to={`/cases/${String(from)}`}>{names.case(String(from))}</Link> is linked as a{" "}
                {valueText(String(kind))} {names.case(String(to))}. By the policy, partners get more of it at once
            </>
        )
    },
    "case.amend": (approval, names) => {
        const id = String(detailOf(approval).case)
        return (
            <>
                Warned partners of <Link to={`/cases/${id}`}>{names.case(id)}</Link> read the amended text
            </>
        )
    },
    "case.dismiss_reports": (approval, names) => {
        const { case: id, reports } = detailOf(approval)
        const count = Array.isArray(reports) ? reports.length : 0
        return (
            <>
                {count === 1 ? "One report" : `${count} reports`} of exploitation of{" "}
                <Link to={`/cases/${String(id)}`}>{names.case(String(id))}</Link> no longer{" "}
                {count === 1 ? "counts" : "count"}. A later report counts again
            </>
        )
    },
    "policy.activate": (approval) => {
        const { version, replaces } = detailOf(approval)
        return (
            <>
                <Link to={`/policy/${String(version)}`}>Policy version {String(version)}</Link>{" "}
                {typeof replaces === "number" ? `replaces version ${replaces}` : "comes into force"}
            </>
        )
    },
    "partner.change_tier": (approval, names) =>
        `${run(approval, names)} gets the tier ${String(detailOf(approval).tier)}`,
    "partner.activate": (approval) => <Admitted approval={approval} />,
    "partner.relax_duties": (approval, names) => `Reporting duties of ${run(approval, names)} are relaxed`,
    ...measureActs,
    "partner.add_person": (approval, names) => `A person joins ${run(approval, names)} and gets a sign-in link by mail`,
    "artifact.read_master": (approval, names) =>
        `${names.person(String(detailOf(approval).reader))} reads the master of one version, without marks, once`,
    "partner.renew_link": (approval) => <RenewedLink approval={approval} />,
    "partner.activate_key": (approval, names) => (
        <>
            Later copies of {run(approval, names)} are encrypted to{" "}
            <code className="hash">{String(detailOf(approval).recipient)}</code>. Sign only after the partner has
            confirmed the key to you outside the portal
        </>
    ),
    "person.join": (approval) =>
        `A person joins as ${listed(detailOf(approval).roles)}. The requester sees the sign-in link`,
    "person.renew_link": (approval, names) => {
        const { person, roles } = detailOf(approval)
        return `${names.person(String(person))} (${listed(roles)}) gets a new sign-in link. The requester sees it`
    },
    "person.add_roles": (approval, names) =>
        `${names.person(String(detailOf(approval).person))} gets the roles ${listed(detailOf(approval).roles)}`,
    "program_rules.relax_requirements": () => "Overdue requirements withhold content later than before",
    "annual_report.publish": (approval) => (
        <>
            The figures of {String(detailOf(approval).year)} become public, as shown under{" "}
            <Link to="/statistics">Statistics</Link>
        </>
    ),
    "program_rules.share_aggregates": (approval) =>
        `Partners see in ranges how many others reported something, in groups of at least ${String(detailOf(approval).groupMin)}`,
    "agreement.lengthen": (approval) =>
        `The agreement consents in advance to embargoes of up to ${String(detailOf(approval).longestEmbargoDays)} days, longer than before`,
    "clock.confirm": (approval) => <AttestedClock approval={approval} />,
    "quarantine.reconcile": (approval) => {
        const { reasons, proven } = detailOf(approval) as Readonly<Record<string, unknown>> & Reconciled
        const texts = reasons.map((reason) => reasonTexts[reason])
        return ["Partners are served from this database again.", ...texts, provenInWords(proven)].join(" ")
    },
    "marks.disclose_keys": (approval) => <OpenedKey approval={approval} />,
    "evidence.lift_hold": (approval) => (
        <>
            The legal hold of <EvidenceLink approval={approval} /> ends. Two people can then delete it
        </>
    ),
    "evidence.delete": (approval) => (
        <>
            The content, notes and key of <EvidenceLink approval={approval} /> are destroyed, with its attributions. You
            cannot undo this. Its hash and chain of custody stay
        </>
    ),
    "evidence.attribute": (approval) => (
        <>
            <EvidenceLink approval={approval} /> is attributed at α = {String(detailOf(approval).alpha)}. This is the
            largest probability that an innocent recipient is identified, over all attributions of the case
        </>
    ),
    "finding.confirm": (approval) => (
        <>
            A finding. Read it{" "}
            <Link to={`/leaks/inquiries/${String(detailOf(approval).inquiry)}/finding`}>in its inquiry</Link>
        </>
    ),
    "tracing_instruction.extend": (approval) => (
        <>
            A tracing instruction stays active after the inquiry closes. Read it{" "}
            <Link to={`/leaks/inquiries/${String(detailOf(approval).inquiry)}/release`}>in its inquiry</Link>
        </>
    ),
    "tracing_instruction.activate": (approval) => (
        <>
            A tracing instruction for the next copies of a class. Read it{" "}
            <Link to={`/leaks/inquiries/${String(detailOf(approval).inquiry)}/release`}>in its inquiry</Link>
        </>
    ),
}

function EvidenceLink({ approval }: { approval: Approval }) {
    const id = String(detailOf(approval).evidence)
    return <Link to={`/leaks/evidence/${id}`}>the evidence</Link>
}

/** Names the document by its version. The attribution is for people who may read evidence. */
function OpenedKey({ approval }: { approval: Approval }) {
    const { inquiry } = detailOf(approval)
    return (
        <>
            An external expert gets the mark keys of these versions, to recompute an attribution
            {typeof inquiry === "string" && (
                <>
                    {" "}
                    for <Link to={`/leaks/inquiries/${inquiry}`}>an inquiry</Link>
                </>
            )}
            . With these keys, the expert can make the copy of every partner
        </>
    )
}

function ThawedWave({ approval }: { approval: Approval }) {
    const { tier, frozenAt } = detailOf(approval)
    return (
        <>
            Partners can again fetch what the {tierNames[tier as WaveTier] ?? String(tier)} wave released. It has been
            frozen since <When at={formatInstant(Number(frozenAt))} />
        </>
    )
}

/** Names frozen waves, because the signature unfreezes them. */
function BrokenEmbargo({ approval, names }: { approval: Approval; names: Names }) {
    const detail = detailOf(approval)
    const id = String(detail.case)
    const read = useMayRead("wave:read", `/api/cases/${id}/waves`)
    const waves = read.data?.waves ?? []
    const frozen = Array.isArray(detail.frozen) ? detail.frozen.map(String) : []
    const tierOf = (wave: string) => waves.find((item) => item.id === wave)?.tier
    const named = frozen.map((wave) => nameOr(tierNames[tierOf(wave) as WaveTier], "wave", read.isLoading))
    return (
        <>
            The embargo of <Link to={`/cases/${id}`}>{names.case(id)}</Link> ends: all remaining waves and the
            publication are released at once. You cannot undo this.{" "}
            {frozen.length > 0 && <strong>These frozen waves are released too: {named.join(", ")}.</strong>}
        </>
    )
}

/** Shows the clock confirmation: one reading of both clocks, and the reason for distrust. */
function AttestedClock({ approval }: { approval: Approval }) {
    const { application, database, doubt, since } = detailOf(approval) as Readonly<Record<string, number>> & {
        doubt: Doubt
    }
    return (
        <>
            The clocks were right when they showed <When at={formatInstant(database ?? 0)} /> (the database) and{" "}
            <When at={formatInstant(application ?? 0)} /> (the program). Releases continue. They have been paused since{" "}
            <When at={formatInstant(since ?? 0)} short />: {doubtWords[doubt]}
        </>
    )
}

const run = (approval: Approval, names: Names): string => approval.effects.recipients.map(names.partner).join(", ")

const usePartnerOf = (approval: Approval) =>
    useMayRead("partner:read", `/api/partners/${approval.effects.recipients[0]}`).data

/** Lists the members at the time of the request. Each of them gets read access. */
function Admitted({ approval }: { approval: Approval }) {
    const names = useNames()
    const partner = usePartnerOf(approval)
    const { roster } = detailOf(approval)
    const named = membersIn(approval.text?.roster)
    const people = membersIn(roster).map(({ person, roles }) => {
        const signed = named.find((item) => item.person === person)
        const input = signed ?? partner?.roster.find(({ id }) => id === person)
        return `${input ? `${String(input.name)} <${String(input.mail)}>` : "a person"} (${listed(roles)})`
    })
    return (
        <>
            {run(approval, names)} joins the program with {people.length === 0 ? "no people" : people.join("; ")}
        </>
    )
}

function RenewedLink({ approval }: { approval: Approval }) {
    const names = useNames()
    const { person } = detailOf(approval)
    const partner = usePartnerOf(approval)
    const known = partner?.roster.find(({ id }) => id === person)
    const { name = known?.name ?? "A person", mail = known?.mail ?? "its own address" } = approval.text ?? {}
    return `${String(name)} of ${run(approval, names)} gets a new sign-in link by mail to ${String(mail)}; earlier sessions and tokens end`
}

/** Rows of the texts that the effects contain only as hashes. */
function wordRows(approval: Approval): readonly Row[] {
    const { action, text: words } = approval
    if (words === null) return []
    if (action in measureActs) return measureRows(words)
    if (action.startsWith("evidence.")) return [["Reason", String(words.reason)]]
    if (action === "embargo.terminate") return [["Reason", String(words.reason)]]
    if (action === "artifact.read_master" || action === "case.dismiss_reports")
        return [["Reason", String(words.reason)]]
    if (action === "partner.add_person" || action === "person.join") {
        const { name, mail, roles } = words
        return [["Person", `${String(name)} <${String(mail)}>, ${listed(roles)}`]]
    }
    if (action === "partner.relax_duties") {
        const duties = words.duties as readonly Duty[]
        const lines = duties.map(({ regime, source }) => `${regime}: ${source}`)
        return [["New duties", lines.length === 0 ? "none" : <Lines key="duties" items={lines} />]]
    }
    if (action === "agreement.lengthen") return [["Text", String(words.text)]]
    if (action === "program_rules.relax_requirements") return dueRows(words.rules as Rules["requirements"])
    return []
}

type Words = Readonly<Record<string, unknown>>

const membersIn = (roster: unknown): readonly Words[] => (Array.isArray(roster) ? (roster as Words[]) : [])

function dueRows({ kinds, mailboxEveryDays, agreementNoticeDays, keyDaysMax }: Rules["requirements"]): readonly Row[] {
    return [
        ...requirementKinds.map((kind) => [`Grace: ${valueText(kind)}`, `${kinds[kind].graceDays} d`] as const),
        ["Mailbox verified every", `${mailboxEveryDays} d`],
        ["Notice before a new agreement applies", `${agreementNoticeDays} d`],
        ["Longest use of a key", `${keyDaysMax} d`],
    ]
}
