/** What people of the demonstration write to each other. */

/** A question, and its answer. */
type Talk = readonly (readonly [question: string, answer: string])[];

/** To Alice, who cooks: one for each message that she has answered. */
export const COOKING: Talk = [
  ['What should I cook tonight? I have eggs, rice and half a lemon.', 'Lemon egg soup. Whisk the eggs off the heat.'],
  ['Why do my chickpeas stay hard?', 'Hard water. A pinch of baking soda in the pot.'],
  ['How long does your tomato sauce really take?', 'Forty minutes. Everybody who says ten is selling something.'],
  ['Can I leave out the cumin?', 'You can. I would not.'],
  ['Which knife did you use in the onion video?', 'A plain 20 cm one. Sharp matters, the name on it does not.'],
  ['My bread is flat. What did I do wrong?', 'It waited too long. Bake it when a dent comes back slowly.'],
  ['Is there anything to do with stale bread?', 'Soak it in milk, fry it in butter, call it brunch.'],
  ['What do I bring to a party where nobody cooks?', 'Dips. Three of them, and good bread.'],
  ['Do I have to peel ginger?', 'No. Wash it and grate it.'],
  ['How do you keep basil alive?', 'I do not. I buy a new one and look surprised.'],
  ['Butter or oil for pancakes?', 'Both: oil for the pan, butter for the plate.'],
  ['What is a good first curry?', 'Red lentils, coconut milk, one spoon of paste.'],
  ['My rice always sticks. Help?', 'Rinse it, then leave it alone. Truly alone.'],
  ['Can I make your lasagne a day early?', 'Please do. It is better on the second day.'],
  ['What replaces fish sauce for a vegetarian?', 'Soy sauce, a little lime, and a pinch of seaweed.'],
  ['Which oil for deep frying?', 'Sunflower. And a thermometer, not courage.'],
  ['Why does my hollandaise split?', 'Too hot. One spoon of cold water saves it.'],
  ['How much salt is "to taste"?', 'Start with one per cent of the weight.'],
  ['What would you cook for a first date?', 'Something that leaves both hands free. Risotto does not.'],
  ['Do you soak beans overnight?', 'Yes, and I forget them every second time.'],
  ['Is a cast iron pan worth it?', 'If you like carrying it: yes, for a lifetime.'],
  ['What goes into your packed lunch?', 'What was dinner, plus something sour.'],
  ['How do I get a crisp roast potato?', 'Boil, shake, hot fat. In this order.'],
  ['Can I freeze hummus?', 'Yes, under a film of oil.'],
  ['Which recipe do you regret?', 'The avocado ice cream. We do not talk about it.'],
  ['What do I do with a glut of courgettes?', 'Grate them, salt them, make fritters.'],
  ['My children hate vegetables. Any trick?', 'Soup. And let them press the button of the blender.'],
  ['Is it safe to eat the green potatoes?', 'No. Plant them.'],
  ['Which noodles for ramen at home?', 'Fresh ones from the cold shelf. Cook them shorter than they say.'],
  ['How do you sharpen knives?', 'A stone on Sundays, and the radio on.'],
  ['Can I halve your cheesecake?', 'Yes: a smaller tin, ten minutes less.'],
  ['Is sourdough worth the trouble?', 'Ask me after the third loaf.'],
  ['What do you do with leftover egg whites?', 'Meringues, or a very smug omelette.'],
  ['How hot is a hot oven?', 'As hot as yours gets, for pizza. Else 220.'],
  ['May I use frozen spinach?', 'I do. Squeeze it well.'],
  ['Which cheese melts best?', 'A young one. Old cheese sulks.'],
  ['What is your quickest dinner?', 'Spaghetti, garlic, chilli, nine minutes.'],
  ['What should I learn first?', 'To taste. Before, during, after.'],
];

/** To Alice, and not answered yet. */
export const WAITING: readonly string[] = [
  'Can I freeze the lentil soup?',
  'Which pan would you buy if you had only one?',
  'My dough smells of nail varnish. Is it dead?',
  'How do you plan a week of dinners?',
  'What is the white stuff on my salami?',
  'Would you cook for twenty on two hobs?',
  'Is there a version of the tart without nuts?',
];

/** To Paula, who runs. */
export const RUNNING: Talk = [
  ['How far should I run on my first day?', 'Ten minutes out, ten back. Slower than you think.'],
  ['Which shoes?', 'The ones that fit.'],
  ['My knee hurts going downhill. Stop?', 'Stop. See somebody, then shorten your steps.'],
  ['What do you eat before a long run?', 'Porridge, two hours before, every time.'],
  ['How do I get faster?', 'Run slowly more often. I mean it.'],
  ['Do I need a watch?', 'You need a talking pace. A watch is for later.'],
  ['Morning or evening?', 'Whichever you will still do in November.'],
  ['How many rest days?', 'Two. They are training, too.'],
  ['Can I finish a half in twelve weeks?', 'If you can run for an hour now: yes.'],
  ['What about the heat?', 'Start at six, drink early, forget the clock.'],
  ['How do I run uphill?', 'Small steps, eyes up, and no hurry.'],
  ['Is stretching of any use?', 'Afterwards. And calves above all.'],
  ['What do you think about at kilometre 35?', 'Kilometre 36.'],
];
