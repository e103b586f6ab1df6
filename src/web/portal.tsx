/** The partners' portal: which screen stands at which address. */
import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router"
import { useParam } from "./kit/address.ts"
import { SignIn, start } from "./kit/app.tsx"
import { SignedInFrame } from "./portal/frame.tsx"
import { LettersScreen } from "./portal/letters.tsx"
import { Organisation } from "./portal/organisation.tsx"
import { WarningScreen } from "./portal/warning.tsx"
import { Warnings } from "./portal/warnings.tsx"

const root = createRootRoute({ notFoundComponent: Warnings })
const signIn = createRoute({ getParentRoute: () => root, path: "/sign-in", component: SignIn })
const signedIn = createRoute({ getParentRoute: () => root, id: "signed-in", component: SignedInFrame })

const at = (path: string, component: () => React.ReactNode) =>
    createRoute({ getParentRoute: () => signedIn, path, component })

const oneWarning = at("/warnings/$id", () => <WarningScreen id={useParam("id")} />)

const screens = [at("/", Warnings), at("/letters", LettersScreen), at("/organisation", Organisation), oneWarning]

start(createRouter({ routeTree: root.addChildren([signIn, signedIn.addChildren(screens)]) }))
