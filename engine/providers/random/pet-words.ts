/** Words for RandomPet: lower case, no word twice in a list. */
const words = (text: string): string[] => text.trim().split(/\s+/);

export const ADVERBS = words(`
  ably actively amply aptly barely blindly boldly bravely briefly brightly broadly calmly cleanly clearly closely commonly
  constantly curiously daily deeply directly duly eagerly early easily endlessly evenly exactly fairly firmly fondly frankly
  freely freshly fully gently gladly globally gracefully gratefully happily hardly highly honestly hugely ideally jointly justly
  kindly largely lately legally lightly likely literally locally loosely loudly mainly merely mildly mostly mutually namely
  naturally neatly newly nicely noticeably openly partly physically plainly pleasantly politely positively precisely presently
  promptly properly purely quickly quietly rapidly rarely readily really recently regularly reliably richly rightly safely
  secretly seriously sharply simply sincerely slightly slowly smoothly socially softly solely steadily strictly strongly suddenly
  surely swiftly tightly truly typically uniquely usefully vastly visibly vividly warmly weekly wholly widely wisely yearly
`);

export const ADJECTIVES = words(`
  able active adapted alert amused ample apt artistic assured awake aware balanced blessed bold brave brief bright brisk busy calm
  capable careful casual caring central charming cheerful chief choice civil classic clean clear clever close coherent cool correct
  cosmic crisp cuddly curious daring dear decent deep definite devoted direct driven dynamic eager early easy elegant endless
  equal exact exotic expert fair faithful famous fancy fast fine firm fit fluent fond frank free fresh full fun funny gentle
  giving glad golden good grand great grown handy happy hardy harmless helped holy honest hot humble ideal immense informed
  innocent integral just keen kind known large lasting leading learning legal liberal light logical loved loving loyal lucky magical
  major many mature mellow merry mighty modern modest moral moved musical native natural neat new nice noble normal noted novel
  open organic patient perfect pleasant poetic polished polite popular positive possible precious prepared pretty prime proper
  proud pure quick quiet rapid rare ready real refined regular relaxed renewing rich right robust romantic sacred safe saved
  sensible settled sharp shining simple sincere skilled smart smiling smooth social solid sound special splendid square stable
  steady sterling stirring strong suitable sunny super sure sweet teaching tender thankful thorough tidy tight tolerant touched
  tough true trusted united unique upright useful valid valued vast viable vital vocal wanted warm welcome whole willing wise witty
`);

export const NAMES = words(`
  adder akita alpaca anchovy anemone ant antelope ape asp badger bass bat beagle bear bee beetle bengal bird bison boa bobcat
  bonefish boxer bream buck buffalo bug bull bunny burro buzzard caiman calf camel cardinal caribou cat catfish cheetah chicken
  chimp chipmunk civet clam cobra cod colt collie condor coral cougar cow cowbird coyote crab crane crappie crawdad crayfish
  cricket crow cub deer dingo dodo doe dog dogfish dolphin donkey dory dove dragon drake drum duck eagle earwig eel eft egret
  elephant elf elk emu escargot ewe falcon fawn feline ferret filly finch firefly fish flamingo flea flounder fly foal fowl fox
  frog gannet garfish gazelle gecko gelding ghost ghoul gibbon giraffe glider gnat gnu goat gobbler goblin goose gopher goshawk
  grackle griffon grizzly grouper grouse grub guinea gull guppy haddock hagfish halibut hamster hare hawk hedgehog hen heron
  herring hippo hog honeybee hookworm hornet horse hound humpback husky hyena ibex iguana imp impala insect jackal jaguar javelin
  jawfish jay jaybird jennet joey kangaroo katydid killdeer kingfish kit kite kiwi koala kodiak koi krill lab labrador lacewing
  ladybird ladybug lamb lamprey lark leech lemming lemur leopard liger lion lioness lizard llama lobster locust longhorn loon
  louse lynx macaque macaw mackerel maggot magpie mako malamute mallard mammal mammoth man manatee mantis mantrap marlin
  marmoset marmot marten martin mastiff mastodon mayfly meerkat midge mink minnow mite moccasin mole mollusk molly monarch
  mongoose mongrel monitor monkey monkfish monster moose moray mosquito moth mouse mudfish mule mullet muskox muskrat mustang
`);
