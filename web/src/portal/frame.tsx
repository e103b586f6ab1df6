/** The frame of every portal screen. Without case access, it shows letters and the partner's status only. */
import type { ReactNode } from "react"
import { Link, Outlet } from "@tanstack/react-router"
import { isOnboarding, hasCaseAccess } from "../../../server/src/trust/partners/partner.ts"
import { Frame, type NavItem, SignedOut, isSignedOut, signOut, useLive } from "../kit/app.tsx"
import { useRead } from "./api.ts"
import { Button } from "../kit/button.tsx"
import { Loaded, Notice } from "../kit/notice.tsx"
import type { Me } from "./answers.ts"
import { dueNames } from "./organisation/requirement-text.ts"
import { isOpen } from "./warnings/embargoes.tsx"
import type { Letter } from "./answers.ts"
import { LettersScreen } from "./messages/letters.tsx"
import { Organisation } from "./organisation/organisation.tsx"
import { Viewer, useConsents, useDues, useLetters, useMe, useQuestions } from "./viewer.ts"
import { DraftKeeper } from "../kit/draft-scope.tsx"

/** Without children: shows the screen of the address. */
export function SignedInFrame({ children = <Outlet /> }: { children?: ReactNode }) {
    const me = useRead("/api/me")
    useLive(me.data !== undefined && !isSignedOut(me.error))
    if (isSignedOut(me.error)) return <Stranger />
    return (
        <Loaded query={me}>
            {(viewer) => (
                <Viewer value={viewer}>
                    <Signed viewer={viewer}>{children}</Signed>
                </Viewer>
            )}
        </Loaded>
    )
}

function Stranger() {
    return (
        <SignedOut>
            <p>
                No partner yet? <Link to="/apply">Apply to become one</Link>, or{" "}
                <Link to="/application">ask for the answer</Link> to your application. Asked to keep an embargo?{" "}
                <Link to="/invitation">Open your invitation</Link>.
            </p>
        </SignedOut>
    )
}

function waitsForUs({ answer, procedure }: Letter): boolean {
    return procedure === null ? answer === null : procedure.mayAnswer || procedure.mayAppeal
}

/** Shows letters to partners without case access, and the next steps during onboarding. */
export function InReach({ children }: { children: ReactNode }) {
    const { status } = useMe().partner
    if (hasCaseAccess(status)) return children
    return isOnboarding(status) ? <Organisation /> : <LettersScreen />
}

function useNav({ partner, person }: Me): NavItem[] {
    const letters = useLetters().data?.letters ?? []
    const unanswered = letters.filter((letter) => letter.about.endedAt === null && waitsForUs(letter)).length
    const questions = useQuestions().data?.questions.filter(({ state }) => state === "open").length ?? 0
    const consents = useConsents().data
    const open = consents?.invitations.filter((invitation) => isOpen(invitation, consents.now)).length ?? 0
    const owed = useDues().data?.requirements.filter((requirement) => requirement.state !== "met").length ?? 0
    const ofCases = [
        { to: "/", name: "Warnings", under: "/warnings/" },
        { to: "/embargoes", name: "Embargoes", count: open },
    ]
    return [
        ...(hasCaseAccess(partner.status) ? ofCases : []),
        { to: "/receipts", name: "Receipts" },
        { to: "/letters", name: "Letters", count: unanswered },
        ...(person.roles.includes("lead") ? [{ to: "/questions", name: "Questions", count: questions }] : []),
        { to: "/requirements", name: "Requirements", count: owed },
        { to: "/organisation", name: "Organisation" },
        ...(person.roles.includes("lead") ? [{ to: "/webhooks", name: "Webhooks" }] : []),
        { to: "/access", name: "Access" },
    ]
}

function Signed({ viewer, children }: { viewer: Me; children: ReactNode }) {
    const nav = useNav(viewer)
    const header = (
        <>
            <span className="person">
                <strong>{viewer.partner.name}</strong>
                <span className="muted">
                    {viewer.person.name}, {viewer.person.roles.join(", ")}
                </span>
            </span>
            <Button look="quiet" onPress={() => void signOut(viewer.person.id)}>
                Sign out
            </Button>
        </>
    )
    return (
        <Frame side="portal" nav={nav} header={header}>
            <DraftKeeper>
                <Standing subject={viewer} />
                {children}
            </DraftKeeper>
        </Frame>
    )
}

function Standing({ subject: { partner } }: { subject: Me }) {
    if (isOnboarding(partner.status)) {
        return (
            <Notice tone="due">
                <span>
                    Your organisation is <strong>{partner.status}</strong>, and not in yet. A lead registers a key and
                    accepts the agreement under <Link to="/organisation">Organisation</Link>; two persons of the program
                    then let you in.
                </span>
            </Notice>
        )
    }
    if (!hasCaseAccess(partner.status)) {
        return (
            <Notice tone="bad">
                <span>
                    Your organisation is <strong>{partner.status}</strong>: warnings are not within reach now. Your
                    letters, your answers and your own status are.
                </span>
            </Notice>
        )
    }
    if (partner.agreement !== "accepted") {
        return (
            <Notice tone="due">
                <span>
                    The agreement is {partner.agreement === "expired" ? "expired" : "not accepted yet"}: content waits
                    until your lead accepts its newest version under <Link to="/organisation">Organisation</Link>.
                </span>
            </Notice>
        )
    }
    if (partner.overdue.length > 0) {
        return (
            <Notice tone="due">
                <span>
                    Overdue: {partner.overdue.map((kind) => dueNames[kind]).join("; ")}. Content waits until it is
                    given, and is back then by itself: see <Link to="/requirements">Requirements</Link>.
                </span>
            </Notice>
        )
    }
    return null
}
