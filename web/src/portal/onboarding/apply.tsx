/**
 * The application form, without sign-in. It reports at each field what the server would refuse. After sending, it shows
 * the secret and the reference once.
 */
import { Link } from "@tanstack/react-router"
import { useEffect, useState } from "react"
import { applicationBytesMax } from "../../../../server/src/trust/partners/onboarding/application.ts"
import { type AnswerTo, useRead, writeTo } from "../api.ts"
import { Button } from "../../kit/button.tsx"
import { AskForm } from "../../kit/form.tsx"
import { Loaded, Notice } from "../../kit/notice.tsx"
import { Once } from "../../kit/once.tsx"
import { Badge, Section } from "../../kit/table.tsx"
import { asked, bodyOf } from "./apply-form.ts"
import { Outside } from "./outside.tsx"
import { saveAs } from "../../kit/save-file.ts"
import { rich, t } from "../../messages/message.ts"

type FormAnswer = AnswerTo<"/api/application-form">

type Applied = AnswerTo<"/api/applications", "POST">

export function Apply() {
    const form = useRead("/api/application-form")
    const [applied, setApplied] = useState<Applied | null>(null)
    if (applied !== null) return <Sent applied={applied} />
    return (
        <Outside
            title={t("Apply to become a partner")}
            lead={t("Partners are warned of vulnerabilities before publication. You need no account to apply.")}
            rail={
                <>
                    {form.data !== undefined && <Criteria criteria={form.data.criteria} />}
                    <Section title={t("After you apply")}>
                        <ol className="first-steps small">
                            <li>{t("You get a secret. Read the status with it.")}</li>
                            <li>{t("Two people of the operator score the application.")}</li>
                            <li>{t("The contact person gets a mail when it is decided.")}</li>
                        </ol>
                    </Section>
                </>
            }
        >
            <Loaded query={form}>
                {({ productClasses }) => (
                    <Section title={t("Your application")}>
                        <p className="caution">
                            {t(
                                "The operator encrypts what you write. Only the people who decide read it. All answers together can have {limit} KiB, about ten pages. Nothing is stored before you send it.",
                                { limit: applicationBytesMax / 1024 },
                            )}
                        </p>
                        <AskForm
                            requests={asked(productClasses)}
                            submit={t("Send application")}
                            write={(answers) => writeTo("POST", "/api/applications", bodyOf(answers))}
                            onDone={setApplied}
                        />
                    </Section>
                )}
            </Loaded>
        </Outside>
    )
}

function Criteria({ criteria }: { criteria: FormAnswer["criteria"] }) {
    return (
        <Section title={t("Criteria")}>
            <ul className="reasons">
                {criteria.map(({ text, required }) => (
                    <li key={text}>
                        <Badge tone={required ? "due" : "plain"}>{required ? t("required") : t("counts")}</Badge>
                        <span>{text}</span>
                    </li>
                ))}
            </ul>
        </Section>
    )
}

/** Asks before the viewer leaves without saving the secret, because it cannot be shown again. */
function useAskBeforeLeaving(): void {
    useEffect(() => {
        const ask = (event: BeforeUnloadEvent) => event.preventDefault()
        window.addEventListener("beforeunload", ask)
        return () => window.removeEventListener("beforeunload", ask)
    }, [])
}

function Sent({ applied: { secret, reference } }: { applied: Applied }) {
    const [isSaved, setSaved] = useState(false)
    const file = t("secret: {secret}\nreference: {reference}\naddress: {origin}/application\n", {
        secret,
        reference,
        origin: window.location.origin,
    })
    return (
        <Outside title={t("Application sent")}>
            {isSaved ? (
                <Notice>
                    {rich("The secret is hidden now. Read the <link>status of your application</link> at any time.", {
                        link: (text) => <Link to="/application">{text}</Link>,
                    })}
                </Notice>
            ) : (
                <Secrets secret={secret} reference={reference} />
            )}
            {!isSaved && (
                <div className="row end">
                    <Button onPress={() => saveAs("application.txt", file)}>{t("Save both as file")}</Button>
                    <Button look="main" onPress={() => setSaved(true)}>
                        {t("I saved both")}
                    </Button>
                </div>
            )}
        </Outside>
    )
}

function Secrets({ secret, reference }: Applied) {
    useAskBeforeLeaving()
    return (
        <>
            <p>
                {t(
                    "The contact person gets a mail after the decision. The mail does not contain the decision: read it here with the secret. Save both texts now, because they are shown only once.",
                )}
            </p>
            <Section title={t("Secret, only for you")}>
                <p className="caution">{t("You read the decision with it, and join with it after an invitation.")}</p>
                <Once kind={t("Your secret")} secret={secret} />
            </Section>
            <Section title={t("Reference, for partners who know you")}>
                <p className="caution">
                    {t(
                        "Give it to partners who can vouch for you. It opens nothing and shows nothing of your application.",
                    )}
                </p>
                <Once kind={t("Your reference")} secret={reference} />
            </Section>
        </>
    )
}
