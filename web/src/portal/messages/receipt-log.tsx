/** A band that says whether the receipt log only grew since this browser saw it. */
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { Refused } from "../../kit/api.ts"
import { Button, SaveButton } from "../../kit/button.tsx"
import { inTurn } from "../../kit/drafts.ts"
import { VerifiedBand } from "../../kit/layout/verified-band.tsx"
import { t } from "../../messages/message.ts"
import { read } from "../api.ts"
import {
    checkLog,
    confirmKey,
    type Contradiction,
    evidenceOf,
    forgetLog,
    type LogVerdict,
    type Memory,
    type SignedLog,
} from "./follow-log.ts"

const name = "tocsin receipt log"

const memory: Memory = {
    load: () => localStorage.getItem(name),
    save: (text) => localStorage.setItem(name, text),
}

async function loadShown(): Promise<SignedLog | null> {
    try {
        return await read("/api/receipt-log/checkpoint")
    } catch (error) {
        if (error instanceof Refused && error.code === "receipt.no_batch") return null
        throw error
    }
}

const loadConsistencyProof = async (from: number, to: number): Promise<readonly string[]> =>
    (await read(`/api/receipt-log/consistency?from=${from}&to=${to}`)).proof

const listHandovers = async (): Promise<readonly string[]> => (await read("/api/receipt-log/handovers")).handovers

/** Two tabs must not move the kept log backwards. */
const check = async (): Promise<LogVerdict> =>
    await inTurn(name, () => checkLog({ memory, loadShown, loadConsistencyProof, listHandovers, now: Date.now() }))

export function ReceiptLog() {
    const { data: verdict, error, refetch } = useQuery({ queryKey: ["receipt-log"], queryFn: check, retry: false })
    const checkAgain = () => void refetch()
    const confirm = async () => {
        await inTurn(name, () => confirmKey(memory))
        checkAgain()
    }
    if (verdict?.kind === "contradiction") {
        const forget = async () => {
            await inTurn(name, () => Promise.resolve(forgetLog(memory)))
            checkAgain()
        }
        return <Alarm found={verdict.found} size={verdict.size} forget={() => void forget()} />
    }
    if (error !== null) {
        return (
            <PlainBand title={t("The receipt log was not verified")} steps={[error.message]} checkAgain={checkAgain} />
        )
    }
    if (verdict === undefined) return <VerifiedBand tone="plain" title={t("Verifying the receipt log…")} steps={[]} />
    switch (verdict.kind) {
        case "sound":
            return verdict.size === null ? null : (
                <Sound {...verdict} size={verdict.size} confirm={() => void confirm()} />
            )
        case "late":
        case "unproven":
            return <PlainBand title={momentTitle(verdict.kind)} steps={[moment()]} checkAgain={checkAgain} />
        case "cannot_verify":
            return (
                <PlainBand
                    title={t("This browser cannot check the receipt log")}
                    steps={[t("It verifies no Ed25519 signatures at this address.")]}
                />
            )
        case "cannot_remember":
            return (
                <PlainBand
                    title={t("This browser cannot remember the receipt log")}
                    steps={[t("It stores nothing for this address, so it cannot compare.")]}
                />
            )
    }
}

interface SoundProps {
    size: number
    continues: number | null
    newKey?: string
    confirm: () => void
}

function Sound({ size, continues, newKey, confirm }: SoundProps) {
    const isFirst = continues === null
    if (newKey !== undefined) {
        const steps = [
            t("Its former key names the new one, and it only grew."),
            t("Compare the new key with the one that the operator publishes: {newKey}", { newKey }),
        ]
        const actions = (
            <div className="row">
                <Button onPress={confirm}>{t("Hide new key")}</Button>
            </div>
        )
        return (
            <VerifiedBand
                tone="plain"
                isChecked={false}
                title={t("The receipt log has a new key")}
                steps={steps}
                actions={actions}
            />
        )
    }
    const steps = [
        t("{count, plural, one {# batch} other {# batches}}", { count: size }),
        isFirst
            ? t("Later visits with this browser compare with it")
            : t("Contains the {size, plural, one {# batch} other {# batches}} that this browser has seen", {
                  size: continues,
              }),
        t("Signature valid"),
    ]
    const title = isFirst ? t("This browser now knows the receipt log") : t("The receipt log only grew")
    return <VerifiedBand tone={isFirst ? "plain" : "good"} title={title} steps={steps} />
}

interface PlainBandProps {
    title: string
    steps: readonly string[]
    checkAgain?: () => void
}

/** No accusation. */
function PlainBand({ title, steps, checkAgain }: PlainBandProps) {
    const actions = checkAgain && (
        <div className="row">
            <Button onPress={checkAgain}>{t("Check again")}</Button>
        </div>
    )
    return <VerifiedBand tone="plain" isChecked={false} title={title} steps={steps} actions={actions} />
}

const moment = (): string => t("Servers can differ for a moment. Check again in some minutes.")

const momentTitle = (kind: "late" | "unproven"): string =>
    kind === "late"
        ? t("The server shows fewer batches than this browser has seen")
        : t("The server did not prove that the receipt log only grew")

interface AlarmProps {
    found: Contradiction
    size: number
    forget: () => void
}

function Alarm({ found, size, forget }: AlarmProps) {
    const [saved, setSaved] = useState(false)
    const { title, steps } = textOf(found.kind, size)
    const actions = (
        <div className="row">
            <SaveButton
                name="receipt-log-checkpoints.json"
                content={() => Promise.resolve(evidenceOf(found))}
                onSaved={() => setSaved(true)}
            >
                {t("Save both checkpoints")}
            </SaveButton>
            {saved && <Button onPress={forget}>{t("Forget the earlier log")}</Button>}
        </div>
    )
    const last = saved ? [t("Forget the earlier log only after the operator has explained it.")] : []
    return <VerifiedBand tone="bad" title={title} steps={[...steps, askOperator(), ...last]} actions={actions} />
}

const askOperator = (): string =>
    t("Save both checkpoints, and ask the operator why, by telephone or by mail. Keep all receipts.")

const restored = (): string => t("A possible cause: the operator restored an older backup.")

function textOf(
    kind: Contradiction["kind"],
    size: number,
): { readonly title: string; readonly steps: readonly string[] } {
    switch (kind) {
        case "behind":
            return {
                title: t("The receipt log became shorter"),
                steps: [
                    t(
                        "For an hour or longer, the server did not show {size, plural, one {the one batch} other {all # batches}} that this browser has seen.",
                        { size },
                    ),
                    restored(),
                ],
            }
        case "forked":
            return {
                title: t("The receipt log was rewritten"),
                steps: [
                    t(
                        "It does not contain the {size, plural, one {# batch} other {# batches}} that this browser has seen.",
                        { size },
                    ),
                    restored(),
                ],
            }
        case "other_key":
            return {
                title: t("The receipt log has another key"),
                steps: [t("Compare its key with the one that the operator publishes outside the portal.")],
            }
        case "unsigned":
            return {
                title: t("The receipt log is not signed correctly"),
                steps: [t("The key that the server names did not sign this checkpoint.")],
            }
    }
}
