/** The card beside the effects: who requested, who signs, what is ready, and the one button. */
import type { ReactNode } from "react"
import { signApprovals } from "../sign-approvals.ts"
import { Do } from "../../../kit/button.tsx"
import { When } from "../../../kit/instant.tsx"
import { Icon } from "../../../kit/layout/icon.tsx"
import type { Approval } from "../../answers.ts"
import { useMe, useWhyNot } from "../../artifacts/viewer.tsx"
import type { Check } from "./readiness.ts"
import { rich, t } from "../../../messages/message.ts"

export function Checks({ checks }: { checks: readonly Check[] }) {
    return (
        <ul className="checks-list">
            {checks.map(({ isReady, text }) => (
                <li key={text} className={isReady ? "good" : "warn"}>
                    <Icon name={isReady ? "check" : "warning"} />
                    <span>
                        {isReady
                            ? rich("<unseen>ready:</unseen> {check}", { unseen, check: text })
                            : rich("<unseen>not ready:</unseen> {check}", { unseen, check: text })}
                    </span>
                </li>
            ))}
        </ul>
    )
}

const unseen = (words: ReactNode) => <span className="unseen">{words}</span>

interface CardProps {
    approval: Approval
    checks: readonly Check[]
    /** Other actions, below the button. */
    children?: ReactNode
}

export function SignatureCard({ approval, checks, children }: CardProps) {
    const { state, expiresAt } = approval
    const { signsWithPasskeys } = useMe()
    return (
        <section className="panel pad signature" aria-label={t("Two signatures")}>
            <h2>{t("Two signatures")}</h2>
            <Signers approval={approval} />
            <Checks checks={checks} />
            {state === "requested" && <SignButton approval={approval} />}
            {state === "requested" && !signsWithPasskeys && (
                <p className="muted small">
                    {t("This demonstration signs without a passkey. A real program asks for yours.")}
                </p>
            )}
            {children}
            <details className="folded">
                <summary>{t("Effects hash")}</summary>
                <code className="hash">{approval.effectsHash}</code>
            </details>
            {state === "requested" && expiresAt !== null && (
                <p className="muted small">
                    {rich("The request expires {when}. You sign these effects, and nothing wider or earlier.", {
                        when: <When at={expiresAt} short />,
                    })}
                </p>
            )}
        </section>
    )
}

/** Who requested, and who signed or may sign. */
export function Signers({ approval }: { approval: Approval }) {
    const me = useMe()
    const { signedBy, signedAt, requestedBy, requestedAt } = approval
    const isSigned = signedBy !== null
    return (
        <ol className="signers">
            <li className="done">
                <b>{requestedBy.id === me.id ? t("You, {name}", { name: me.name }) : requestedBy.name}</b>
                <small>{rich("requested {when}", { when: <When at={requestedAt} short /> })}</small>
            </li>
            <li className={isSigned ? "done" : ""}>
                <b>
                    {isSigned
                        ? signedBy.name
                        : approval.maySign
                          ? t("You, {name}", { name: me.name })
                          : t("A second person")}
                </b>
                <small>
                    {isSigned ? (
                        <>{rich("signed {when}", { when: <When at={signedAt} short /> })}</>
                    ) : (
                        t("no author of these artifacts")
                    )}
                </small>
            </li>
        </ol>
    )
}

export function useWhyNotSign(approval: Approval): string | null {
    const me = useMe()
    const lacks = useWhyNot()("approval:sign")
    if (approval.maySign) return null
    if (approval.requestedBy.id === me.id) return t("you requested it: a second person signs")
    return lacks ?? t("an author or a related person cannot sign")
}

export function SignButton({ approval, onDone }: { approval: Approval; onDone?: () => void }) {
    const me = useMe()
    return (
        <Do
            look="main"
            disabledReason={useWhyNotSign(approval)}
            write={signApprovals([approval], me.signsWithPasskeys)}
            {...(onDone !== undefined && { onDone })}
        >
            {t("Sign as {name}", { name: me.name })}
        </Do>
    )
}
