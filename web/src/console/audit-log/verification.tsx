/** The verification of the audit log in this browser, and its band on the page. */
import { useState } from "react"
import type { AnswerTo } from "../api.ts"
import { read } from "../api.ts"
import { ask } from "../../kit/api.ts"
import { Button } from "../../kit/button.tsx"
import { When } from "../../kit/instant.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
import { ActionMenu } from "../../kit/layout/menu.tsx"
import { VerifiedBand } from "../../kit/layout/verified-band.tsx"
import { saveAs } from "../../kit/save-file.ts"
import { type KnownLog, type LogVerdict, verifyLog } from "./verify-log.ts"
import { rich, t } from "../../messages/message.ts"

type Checkpoint = AnswerTo<"/api/audit-log">["checkpoint"]
type ServerVerdict = AnswerTo<"/api/audit-log/verify">

type State =
    | { readonly kind: "none" | "busy" }
    | { readonly kind: "failed"; readonly error: Error }
    | { readonly kind: "browser"; readonly verdict: LogVerdict }
    | { readonly kind: "server"; readonly verdict: ServerVerdict }

export interface Verification {
    readonly state: State
    readonly verify: () => void
    readonly verifyOnServer: () => void
    readonly save: () => void
}

const memory = "tocsin audit log"

function knownLog(): KnownLog | null {
    const kept = localStorage.getItem(memory)
    return kept === null ? null : (JSON.parse(kept) as KnownLog)
}

async function isValidSignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    const [key, text, signed] = [publicKey, message, signature].map((bytes) => new Uint8Array(bytes))
    if (key === undefined || text === undefined || signed === undefined) return false
    const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"])
    return await crypto.subtle.verify("Ed25519", imported, signed, text)
}

async function verifyExport(checkpoint: Checkpoint): Promise<LogVerdict> {
    const { verifierKey: namedKey } = checkpoint ?? (await read("/api/audit-log/checkpoint"))
    const { handovers } = await read("/api/audit-log/handovers")
    const { body } = await ask("GET", "/api/audit-log/export")
    if (body === null) throw new Error(t("the export is empty"))
    const trust = { known: knownLog(), namedKey, handovers, checkSignature: isValidSignature }
    const verdict = await verifyLog(body, trust)
    if (verdict.ok) localStorage.setItem(memory, JSON.stringify(verdict.log))
    return verdict
}

export function useVerification(checkpoint: Checkpoint): Verification {
    const [state, setState] = useState<State>({ kind: "none" })
    const run = async (work: () => Promise<State>) => {
        setState({ kind: "busy" })
        setState(await work().catch((error: unknown): State => ({ kind: "failed", error: error as Error })))
    }
    return {
        state,
        verify: () =>
            void run(async () => ({
                kind: "browser",
                verdict: await verifyExport(checkpoint),
            })),
        verifyOnServer: () => void run(async () => ({ kind: "server", verdict: await read("/api/audit-log/verify") })),
        save: () =>
            void run(async () => {
                const response = await ask("GET", "/api/audit-log/export")
                saveAs("audit-log.jsonl", await response.blob())
                return { kind: "none" }
            }),
    }
}

export function LogActions({ verification }: { verification: Verification }) {
    const { state, verify, verifyOnServer, save } = verification
    return (
        <>
            <ActionMenu
                label={t("More actions")}
                actions={[
                    { id: "save", name: t("Export for offline checking"), onAction: save },
                    { id: "server", name: t("Verify on the server"), onAction: verifyOnServer },
                ]}
            >
                <Icon name="dots" />
            </ActionMenu>
            <Button look="main" busy={state.kind === "busy"} onPress={verify}>
                {state.kind === "browser" ? t("Verify again") : t("Verify")}
            </Button>
        </>
    )
}

interface Band {
    readonly tone: "plain" | "good" | "bad"
    readonly title: string
    readonly steps: readonly string[]
}

function bandOf(state: State, checkpoint: Checkpoint): Band {
    switch (state.kind) {
        case "busy":
            return { tone: "plain", title: t("Verifying…"), steps: [] }
        case "failed":
            return { tone: "bad", title: t("Not verified"), steps: [state.error.message] }
        case "none":
            return checkpoint === null
                ? { tone: "plain", title: t("No checkpoint yet"), steps: [] }
                : {
                      tone: "plain",
                      title: t("Not verified in this session"),
                      steps: [
                          t("{count, plural, one {# event signed} other {# events signed}}", {
                              count: checkpoint.size,
                          }),
                      ],
                  }
        case "server":
            return state.verdict.ok
                ? {
                      tone: "good",
                      title: t("Verified on the server"),
                      steps: [
                          t(
                              "{count, plural, one {# event matches the checkpoint} " +
                                  "other {# events match the checkpoint}}",
                              { count: state.verdict.size },
                          ),
                      ],
                  }
                : { tone: "bad", title: t("The log was changed"), steps: [state.verdict.reason] }
        case "browser":
            return browserBand(state.verdict)
    }
}

function browserBand(verdict: LogVerdict): Band {
    if (!verdict.ok) {
        const place = verdict.leaf === null ? [] : [t("first wrong event: {number, number}", { number: verdict.leaf })]
        return { tone: "bad", title: t("The log was changed"), steps: [verdict.reason, ...place] }
    }
    const { log, continues, withheld } = verdict
    return {
        tone: "good",
        title: t("Verified in this browser"),
        steps: [
            t("{count, plural, one {# event hashed} other {# events hashed}}", { count: log.size }),
            continues === null
                ? t("First verification in this browser")
                : t("Consistent with your last checkpoint ({size, number})", { size: continues }),
            t("Signature valid"),
            t("{count, plural, one {# event without content} other {# events without content}}", { count: withheld }),
        ],
    }
}

interface VerificationBandProps {
    verification: Verification
    checkpoint: Checkpoint
}

export function VerificationBand({ verification: { state }, checkpoint }: VerificationBandProps) {
    const { tone, title, steps } = bandOf(state, checkpoint)
    return (
        <VerifiedBand tone={tone} title={title} steps={steps}>
            {checkpoint !== null && (
                <p className="verified-at">
                    {rich("Newest checkpoint: {count, plural, one {# event} other {# events}}, {at}", {
                        count: checkpoint.size,
                        at: <When at={checkpoint.at} short />,
                    })}
                    <span className="block">
                        {rich("Key: {key}", { key: <code className="code">{checkpoint.verifierKey}</code> })}
                    </span>
                </p>
            )}
        </VerifiedBand>
    )
}
