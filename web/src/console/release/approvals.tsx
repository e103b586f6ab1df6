/** Approvals: the effects in words, the requester, the signature over their hash, and the outcome. */
import { useState } from "react"
import type { WaveTier } from "../../../../server/src/share/waves/wave.ts"
import { linkOf } from "../../kit/access.tsx"
import { useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Once } from "../../kit/once.tsx"
import { Badge, Section, Table } from "../../kit/table.tsx"
import { AlternativesToSign } from "../artifacts/alternatives.tsx"
import type { Approval } from "../answers.ts"
import { CarryOut } from "./apply-approval.tsx"
import { type Given, GivenToExpert } from "../leaks/evidence/expert.tsx"
import { EffectsInWords, detailOf } from "./effects.tsx"
import { PublicText } from "../cases/public-text.tsx"
import { SignedChange } from "./signed-change.tsx"
import { useMe, useWhyNot } from "../artifacts/viewer.tsx"
import { actNames, approvalWords, tierNames, voidWords } from "../words.ts"

export function useApprovals() {
    return useRead("/api/approvals")
}

const nameOf = ({ action }: Approval): string => actNames[action] ?? action

export function ApprovalSections() {
    const approvals = useApprovals()
    const [link, setLink] = useState<string | null>(null)
    const [given, setGiven] = useState<Given | null>(null)
    return (
        <Loaded query={approvals}>
            {({ pending, recent }) => {
                const signed = recent.filter(({ state, action }) => state === "signed" && action !== "wave.release")
                const over = recent.filter(
                    ({ state }) => state === "applied" || state === "voided" || state === "expired",
                )
                return (
                    <>
                        <Section title="Waiting for a second signature">
                            {pending.length === 0 && <Empty title="No approvals wait for a signature." />}
                            {pending.map((approval) => (
                                <ApprovalCard key={approval.id} approval={approval} />
                            ))}
                        </Section>
                        {link !== null && (
                            <Once kind="The person's sign-in link" secret={link} onClose={() => setLink(null)} />
                        )}
                        {given !== null && <GivenToExpert given={given} onClose={() => setGiven(null)} />}
                        {signed.length > 0 && (
                            <Section title="Signed, to apply">
                                {signed.map((approval) => (
                                    <SignedCard
                                        key={approval.id}
                                        approval={approval}
                                        onSecret={(secret) => setLink(linkOf(secret))}
                                        onGiven={setGiven}
                                    />
                                ))}
                            </Section>
                        )}
                        {over.length > 0 && <Over approvals={over} />}
                    </>
                )
            }}
        </Loaded>
    )
}

/** Actions that are signed in their inquiry, where the signer can read them. */
const readElsewhere: ReadonlySet<string> = new Set([
    "finding.confirm",
    "tracing_instruction.activate",
    "tracing_instruction.extend",
])

export function ApprovalCard({ approval }: { approval: Approval }) {
    return (
        <article className="card" aria-label={nameOf(approval)}>
            <div className="card-head">
                <h3>{nameOf(approval)}</h3>
                <span className="muted">
                    asked by {approval.requestedBy.name}, <When at={approval.requestedAt} short />
                    {approval.expiresAt !== null && (
                        <>
                            ; lapses unsigned <When at={approval.expiresAt} short />
                        </>
                    )}
                </span>
            </div>
            <EffectsInWords approval={approval} />
            <div className="row end">
                <TakeBack approval={approval} />
                {!readElsewhere.has(approval.action) && <SignDialog approval={approval} />}
            </div>
        </article>
    )
}

export function TakeBack({ approval }: { approval: Approval }) {
    const item = useMe().id === approval.requestedBy.id
    const disabledReason = useWhyNot()("approval:void")
    return (
        <Do look="quiet" disabledReason={disabledReason} write={writeTo("DELETE", `/api/approvals/${approval.id}`)}>
            {item ? "Withdraw" : "Turn down"}
        </Do>
    )
}

export function SignDialog({ approval }: { approval: Approval }) {
    const me = useMe()
    const lacks = useWhyNot()("approval:sign")
    const reason =
        approval.requestedBy.id === me.id ? "whoever asks cannot sign" : "an author or a related person cannot sign"
    const disabledReason = approval.maySign ? null : (lacks ?? reason)
    return (
        <Opens
            button="Sign…"
            title={`Sign: ${nameOf(approval)}`}
            look="main"
            wide
            disabledReason={disabledReason}
            foot={(close) => (
                <Do
                    look="main"
                    write={writeTo("POST", `/api/approvals/${approval.id}/sign`, { effectsHash: approval.effectsHash })}
                    onDone={close}
                >
                    Sign as {me.name}
                </Do>
            )}
        >
            {() => (
                <>
                    <EffectsInWords approval={approval} />
                    <SignedChange approval={approval} />
                    <AlternativesToSign approval={approval} />
                    <PublicText approval={approval} />
                    <p>
                        You sign these effects, and nothing wider or earlier. Their hash, which goes on record with your
                        name:
                    </p>
                    <code className="hash">{approval.effectsHash}</code>
                </>
            )}
        </Opens>
    )
}

interface SignedProps {
    approval: Approval
    onSecret: (secret: string) => void
    onGiven?: ((given: Given) => void) | undefined
}

export function SignedCard({ approval, onSecret, onGiven }: SignedProps) {
    return (
        <article className="card" aria-label={nameOf(approval)}>
            <div className="card-head">
                <h3>{nameOf(approval)}</h3>
                <span className="muted">
                    asked by {approval.requestedBy.name}, signed by {approval.signedBy?.name}
                    {approval.expiresAt !== null && (
                        <>
                            ; to be applied before <When at={approval.expiresAt} short />
                        </>
                    )}
                </span>
            </div>
            <EffectsInWords approval={approval} />
            <div className="row end">
                <TakeBack approval={approval} />
                <CarryOut approval={approval} onSecret={onSecret} onGiven={onGiven} />
            </div>
        </article>
    )
}

/** Lists ended approvals with their outcome. An expired request must be made again on its own screen. */
function Over({ approvals }: { approvals: readonly Approval[] }) {
    return (
        <Section title="Approvals that are over">
            <Table
                tall
                caption="Approvals that are over, newest first"
                rows={approvals}
                keyOf={(approval) => approval.id}
                columns={[
                    { name: "What", cell: (approval) => <What approval={approval} /> },
                    { name: "Asked", cell: (approval) => <When at={approval.requestedAt} short /> },
                    { name: "By", cell: (approval) => approval.requestedBy.name },
                    {
                        name: "Signed by",
                        cell: (approval) => approval.signedBy?.name ?? <span className="muted">nobody</span>,
                    },
                    {
                        name: "State",
                        cell: (approval) => <Ended approval={approval} />,
                    },
                    { name: "Effects", cell: (approval) => <Effects approval={approval} />, end: true },
                ]}
            />
        </Section>
    )
}

function Ended({ approval: { state, voidReason, signedBy } }: { approval: Approval }) {
    const { tone, name } = approvalWords[state]
    const lapsed = state === "expired" && signedBy !== null
    return (
        <span className="stack">
            <Badge tone={tone}>{lapsed ? "not applied in time" : name}</Badge>
            {voidReason !== null && <span className="muted">{voidWords[voidReason]}</span>}
        </span>
    )
}

/** Names the wave, because several waves of a case can wait at once. */
function What({ approval }: { approval: Approval }) {
    const { tier } = detailOf(approval)
    const isOfWave = approval.action.startsWith("wave.") && typeof tier === "string"
    return (
        <>
            <strong>{nameOf(approval)}</strong>{" "}
            {isOfWave && <span className="muted">{tierNames[tier as WaveTier] ?? tier}</span>}
        </>
    )
}

function Effects({ approval }: { approval: Approval }) {
    return (
        <Opens button="Read…" title={nameOf(approval)} look="quiet">
            {() => <EffectsInWords approval={approval} />}
        </Opens>
    )
}
