/**
 * The application form, without sign-in. It reports at each field what the server would refuse. After sending, it shows
 * the secret and the reference once.
 */
import { Link } from "@tanstack/react-router"
import { useEffect, useState } from "react"
import { applicationBytesMax } from "../../../../server/src/trust/partners/onboarding/application.ts"
import { type AnswerTo, useRead, writeTo } from "../api.ts"
import { Button } from "../../kit/button.tsx"
import { TabDraftKeeper } from "../../kit/draft-scope.tsx"
import { AskForm } from "../../kit/form.tsx"
import { Icon } from "../../kit/layout/icon.tsx"
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
            section="apply"
            title={t("Apply to join")}
            lead={t(
                "For organisations that protect others: security vendors, hosters, distributors and response teams. You need no account.",
            )}
            rail={
                <>
                    <NextSteps />
                    {form.data !== undefined && <Criteria criteria={form.data.criteria} />}
                    <Section title={t("Your data")}>
                        <p className="soft">
                            {t(
                                "The operator encrypts what you write. Only the people who decide read it. All answers together can have {limit} KiB, about ten pages.",
                                { limit: applicationBytesMax / 1024 },
                            )}
                        </p>
                    </Section>
                </>
            }
        >
            <Loaded query={form}>
                {({ productClasses }) => (
                    <TabDraftKeeper>
                        <AskForm
                            requests={asked(productClasses)}
                            submit={t("Send application")}
                            write={(answers) => writeTo("POST", "/api/applications", bodyOf(answers))}
                            onDone={setApplied}
                            hasSummary
                            below={() => (
                                <p className="soft">
                                    {t(
                                        "Your text stays in this tab until you send it or close the tab. The operator gets it only when you send it.",
                                    )}
                                </p>
                            )}
                        />
                    </TabDraftKeeper>
                )}
            </Loaded>
        </Outside>
    )
}

const nextSteps = [
    [t("You get a secret and a reference"), t("at once, shown only once")],
    [t("Partners who know you vouch for you"), t("give them the reference; it shows nothing of your application")],
    [
        t("Staff score your answers"),
        t("by the criteria below; each scorer sees other scores only after submitting their own"),
    ],
    [t("You get a decision"), t("the contact person gets a mail; you read the decision with the secret")],
    [t("Key, agreement and test copy"), t("then two people admit you, and you get warnings")],
] as const

function NextSteps() {
    return (
        <Section title={t("Next steps")}>
            <ol className="first-steps">
                {nextSteps.map(([title, text]) => (
                    <li key={title}>
                        <span>
                            <strong className="block">{title}</strong>
                            <span className="soft">{text}</span>
                        </span>
                    </li>
                ))}
            </ol>
        </Section>
    )
}

function Criteria({ criteria }: { criteria: FormAnswer["criteria"] }) {
    return (
        <Section title={t("Criteria")}>
            <ul className="checked-list">
                {criteria.map(({ text, required }) => (
                    <li key={text}>
                        <Icon name="check" />
                        <span>
                            {text} {required && <Badge tone="due">{t("required")}</Badge>}
                        </span>
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
