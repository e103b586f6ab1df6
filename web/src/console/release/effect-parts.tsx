/** Parts of an approval's effects that name other objects. */
import { Link } from "@tanstack/react-router"
import { formatInstant } from "@tocsin/base/instant"
import type { Doubt } from "../../../../server/src/models/clock-trust.ts"
import type { WaveTier } from "../../../../server/src/share/waves/wave.ts"
import { When } from "../../kit/instant.tsx"
import { nameOr } from "../../kit/text.ts"
import { rich, t } from "../../messages/message.ts"
import type { Approval } from "../answers.ts"
import { type Names, useMayRead } from "../artifacts/viewer.tsx"
import { doubtWords, tierNames } from "../words.ts"

export function detailOf(approval: Approval): Readonly<Record<string, unknown>> {
    const { detail } = approval.effects
    return typeof detail === "object" && detail !== null && !Array.isArray(detail) ? { ...detail } : {}
}

export function EvidenceLink({ approval }: { approval: Approval }) {
    const id = String(detailOf(approval).evidence)
    return <Link to={`/leaks/evidence/${id}`}>{t("the evidence")}</Link>
}

/** Names the document by its version. The attribution is for people who may read evidence. */
export function OpenedKey({ approval }: { approval: Approval }) {
    const { inquiry } = detailOf(approval)
    return (
        <>
            {t("An external expert gets the mark keys of these versions, to recompute an attribution")}
            {typeof inquiry === "string" && (
                <>
                    {" "}
                    {rich("for <link>an inquiry</link>", {
                        link: (text) => <Link to={`/leaks/inquiries/${inquiry}`}>{text}</Link>,
                    })}
                </>
            )}
            {t(". With these keys, the expert can make the copy of every partner")}
        </>
    )
}

export function ThawedWave({ approval }: { approval: Approval }) {
    const { tier, frozenAt } = detailOf(approval)
    return (
        <>
            {rich("Partners can again fetch what the {tierNames} wave released. It has been frozen since {when}", {
                tierNames: tierNames[tier as WaveTier] ?? String(tier),
                when: <When at={formatInstant(Number(frozenAt))} />,
            })}
        </>
    )
}

/** Names frozen waves, because the signature unfreezes them. */
export function BrokenEmbargo({ approval, names }: { approval: Approval; names: Names }) {
    const detail = detailOf(approval)
    const id = String(detail.case)
    const read = useMayRead("wave:read", `/api/cases/${id}/waves`)
    const waves = read.data?.waves ?? []
    const frozen = Array.isArray(detail.frozen) ? detail.frozen.map(String) : []
    const tierOf = (wave: string) => waves.find((item) => item.id === wave)?.tier
    const named = frozen.map((wave) => nameOr(tierNames[tierOf(wave) as WaveTier], "wave", read.isLoading))
    return (
        <>
            {rich(
                "The embargo of {case} ends: all remaining waves and the publication are released at once. You cannot undo this.",
                { case: <Link to={`/cases/${id}`}>{names.case(id)}</Link> },
            )}{" "}
            {frozen.length > 0 && (
                <strong>{rich("These frozen waves are released too: {named}.", { named: named.join(", ") })}</strong>
            )}
        </>
    )
}

/** Shows the clock confirmation: one reading of both clocks, and the reason for distrust. */
export function AttestedClock({ approval }: { approval: Approval }) {
    const { application, database, doubt, since } = detailOf(approval) as Readonly<Record<string, number>> & {
        doubt: Doubt
    }
    return (
        <>
            {rich(
                "The clocks were right when they showed {when} (the database) and {when2} (the program). Releases continue. They have been paused since {when3}: {doubtWords}",
                {
                    when: <When at={formatInstant(database ?? 0)} />,
                    when2: <When at={formatInstant(application ?? 0)} />,
                    when3: <When at={formatInstant(since ?? 0)} short />,
                    doubtWords: doubtWords[doubt],
                },
            )}
        </>
    )
}
