/** Restores the sign-in of a person that lost it, and shows the person that a new link was requested. */
import { apiOf } from "../api.ts"
import type { Write } from "../api.ts"
import { Do } from "../button.tsx"
import { AskForm } from "../form.tsx"
import { When } from "../instant.tsx"
import { Notice } from "../notice.tsx"
import { rich, t } from "../../messages/message.ts"

const { useRead, writeTo } = apiOf<"both">()

interface RecoveryFormProps<Answer> {
    name: string
    mail: string
    /** Whether a second person signs. */
    needsSignature: boolean
    write: (body: { urgent: boolean }) => Write<Answer>
    onDone: () => void
}

/** Asks when the new link is mailed, and requests it. */
export function RecoveryForm<Answer>({ name, mail, needsSignature, write, onDone }: RecoveryFormProps<Answer>) {
    return (
        <AskForm
            requests={[
                {
                    name: "when",
                    label: t("When is the link mailed?"),
                    kind: "choice",
                    hint: t(
                        "With “In 24 hours”, {name} is notified at once and can cancel the link. Choose “Now” if a device was stolen.",
                        {
                            name,
                        },
                    ),
                    from: [
                        { value: "later", name: t("In 24 hours") },
                        { value: "now", name: t("Now, because it is urgent") },
                    ],
                },
            ]}
            submit={t("Request new link")}
            write={({ when }) => write({ urgent: when === "now" })}
            onDone={onDone}
        >
            <p>
                {t(
                    "A new sign-in link goes to {mail} only. All passkeys, sessions and tokens of {name} end when it is sent.",
                    { name, mail },
                )}
            </p>
            {needsSignature && <p className="muted">{t("Needs a second signature.")}</p>}
        </AskForm>
    )
}

/** Tells the viewer that a new link was requested for them, with a button to cancel it. */
export function RecoveryNotice() {
    const linkAt = useRead("/api/recovery").data?.linkAt ?? null
    if (linkAt === null) return null
    return (
        <Notice tone="bad">
            <span className="row">
                <span>
                    {rich(
                        "A new sign-in link was requested for you. It is mailed at {at}; your passkeys, sessions and tokens end then. Cancel it if you did not lose your passkey.",
                        { at: <When at={linkAt} short /> },
                    )}
                </span>
                <Do write={writeTo("DELETE", "/api/recovery")}>{t("Cancel new link")}</Do>
            </span>
        </Notice>
    )
}
