/** The words of posts: what a service like Pinterest is full of. */

/** A category of posts, and what its posts are about. */
export interface Category {
  readonly name: string;
  readonly subjects: readonly string[];
}

/** Every category and how often it is posted to, beside each other's weights. */
export const categories: readonly (readonly [Category, weight: number])[] = [
  [
    {
      name: 'travel',
      subjects: ['Beach', 'Road Trip', 'Backpacking', 'City Break', 'Hidden Gems', 'Packing'],
    },
    12,
  ],
  [{ name: 'mens-fashion', subjects: ['Street Style', 'Suit', 'Sneakers', 'Winter Outfit', 'Haircut'] }, 10],
  [{ name: 'christmas', subjects: ['Tree', 'Ornament', 'Cookie', 'Gift Wrap', 'Stocking', 'Wreath'] }, 10],
  [{ name: 'diy-and-crafts', subjects: ['Macramé', 'Origami', 'Knitting', 'Upcycling', 'Paper Flower'] }, 9],
  [{ name: 'education', subjects: ['Classroom', 'Maths', 'Reading', 'Homeschool', 'Science Fair'] }, 9],
  [{ name: 'tattoos', subjects: ['Sleeve', 'Fine Line', 'Back Piece', 'Mandala', 'Lettering'] }, 9],
  [{ name: 'finance', subjects: ['Budget', 'Savings', 'Side Hustle', 'Debt Payoff', 'Investing'] }, 8],
  [{ name: 'home-decor', subjects: ['Living Room', 'Farmhouse', 'Bedroom', 'Small Flat', 'Kitchen'] }, 8],
  [{ name: 'art', subjects: ['Watercolour', 'Sketch', 'Oil Painting', 'Portrait', 'Digital Art'] }, 7],
  [{ name: 'beauty', subjects: ['Nail', 'Skincare', 'Eyeliner', 'Curly Hair', 'Lip'] }, 7],
  [{ name: 'quotes', subjects: ['Morning', 'Love', 'Friendship', 'Work', 'Self-Care'] }, 6],
  [{ name: 'event-planning', subjects: ['Wedding', 'Baby Shower', 'Birthday', 'Garden Party'] }, 5],
  [{ name: 'vehicles', subjects: ['Camper Van', 'Classic Car', 'Motorbike', 'Pickup', 'Electric Car'] }, 5],
];

// biome-ignore format: a block of words reads better than a column
export const openings = [
  'The Best', '25 Easy', 'How to Plan a', 'My Favourite', '10 Simple', 'Stunning', 'Cosy', 'DIY', 'Modern', 'Vintage',
  'A Beginner’s Guide to', 'Budget-Friendly', '50+ Creative', 'Minimalist', 'This "Perfect"', 'Très Chic',
] as const;

// biome-ignore format: a block of words reads better than a column
export const endings = [
  'Ideas', 'Inspiration', 'Tips & Tricks', 'for Beginners', 'You Will Love', 'on a Budget', 'Step by Step', 'in 2022',
  '| Full Guide', 'that Work ✨', 'for Small Spaces', 'Everyone Is Talking About', '— Before and After', '🎄🎁', '日本',
] as const;

// biome-ignore format: a block of words reads better than a column
export const sentences = [
  'Save this for later and thank me when you need it.',
  'I tried this last weekend and it took less than an hour.',
  'Find out what you need, what it costs, and where to get it.',
  'Everything here was made by hand, with love ❤️',
  'Swipe to see how it turned out!',
  'Not all of it worked, so here is what I would do again.',
  'You will be surprised how little it takes.',
  'Visit the blog for the whole list; link in bio.',
  'Perfect for rainy days, holidays and everything between.',
  'Photo: "Golden hour" by a friend \\ edited on my phone.',
] as const;

// biome-ignore format: a block of words reads better than a column
export const tags = [
  'Inspiration', 'Ideas', 'Easy', 'Cute', 'Aesthetic', 'Vintage', 'Modern', 'Simple', 'Summer', 'Winter', 'Family',
  'Kids', 'Luxury', 'Outdoor', 'Small', 'Colourful', 'Handmade', 'Printable', 'Trending', 'Wallpaper',
] as const;

// biome-ignore format: a block of words reads better than a column
export const posterWords = [
  'The Happy', 'Little', 'Simply', 'Urban', 'Golden', 'Crafty', 'Wild', 'Cosy', 'Modern', 'Busy', 'Sunny', 'Blue',
  'Honest', 'Nordic', 'Curious', 'Clever',
] as const;

// biome-ignore format: a block of words reads better than a column
export const posterNouns = [
  'Nest', 'Traveller', 'Kitchen', 'Studio', 'Teacher', 'Home', 'Garage', 'Ink', 'Wardrobe', 'Budget', 'Garden', 'Maker',
  'Quotes', 'Collective', 'Journal', 'Magazine', 'Mum', 'Café',
] as const;

// biome-ignore format: a block of words reads better than a column
export const firstNames = [
  'Abigail', 'Aaron', 'Adam', 'Alice', 'Amanda', 'Amelia', 'Andrew', 'Ángel', 'Anna', 'Anthony', 'Ashley', 'Barbara',
  'Benjamin', 'Brian', 'Caroline', 'Chloë', 'Christopher', 'Daniel', 'David', 'Donald', 'Elizabeth', 'Emily', 'Emma',
  'Eric', 'George', 'Hannah', 'Heather', 'Isabella', 'Jack', 'Jacob', 'James', 'Jennifer', 'Jessica', 'John', 'Joseph',
  'Joshua', 'Kimberly', 'Laura', 'Linda', 'Lucy', 'María', 'Mark', 'Mary', 'Matthew', 'Michael', 'Michelle', 'Nicole',
  'Olivia', 'Patricia', 'Paul', 'Rebecca', 'Robert', 'Ryan', 'Samantha', 'Sarah', 'Sean', 'Sophie', 'Stephanie',
  'Thomas', 'Tiffany', 'Victoria', 'William', 'Zoë', '美咲',
] as const;

// biome-ignore format: a block of words reads better than a column
export const lastNames = [
  'Ali', 'Allen', 'Alvarado', 'Andrews', 'Baker', 'Barnes', 'Bell', 'Brown', 'Campbell', 'Carter', 'Chávez', 'Clark',
  'Collins', 'Cooper', 'Cruz', 'Davis', 'de la Cruz', 'Diaz', 'Edwards', 'Evans', 'Fisher', 'Flores', 'Garcia', 'Gomez',
  'González', 'Green', 'Hall', 'Harris', 'Hernandez', 'Hill', 'Hughes', 'Jackson', 'Johnson', 'Jones', 'Kelly', 'Kim',
  'King', 'Lee', 'Lewis', 'Lopez', 'Martin', 'Miller', 'Mitchell', 'Moore', 'Morgan', 'Müller', 'Murphy', 'Nelson',
  'Nguyen', 'O’Brien', "O'Connor", 'Parker', 'Patel', 'Perez', 'Phillips', 'Ramirez', 'Reed', 'Rivera', 'Roberts',
  'Rodriguez', 'Ross', 'Sánchez', 'Scott', 'Smith', 'Stewart', 'Taylor', 'Thomas', 'Thompson', 'Torres', 'Turner',
  'Walker', 'Ward', 'Watson', 'White', 'Williams', 'Wilson', 'Wood', 'Wright', 'Young', '佐藤',
] as const;

// biome-ignore format: a block of words reads better than a column
/** Countries, those with most posts first. */
export const countries = [
  'Albania', 'Afghanistan', 'American Samoa', 'Aruba', 'Algeria', 'Antigua and Barbuda', 'Azerbaijan', 'Armenia',
  'Andorra', 'Argentina', 'Bangladesh', 'Barbados', 'Austria', 'Australia', 'Bahamas', 'Belgium', 'Benin', 'Brazil',
  'Bulgaria', 'Cambodia', 'Canada', 'Chile', 'China', 'Colombia', 'Costa Rica', "Cote d'Ivoire", 'Croatia', 'Cuba',
  'Cyprus', 'Denmark', 'Ecuador', 'Egypt', 'Estonia', 'Ethiopia', 'Fiji', 'Finland', 'France', 'French Guiana', 'Gabon',
  'Georgia', 'Germany', 'Ghana', 'Greece', 'Greenland', 'Guatemala', 'Haiti', 'Honduras', 'Hungary', 'Iceland', 'India',
  'Indonesia', 'Iran', 'Iraq', 'Ireland', 'Isle of Man', 'Israel', 'Italy', 'Jamaica', 'Japan', 'Jordan', 'Kazakhstan',
  'Kenya', 'Korea', 'Kuwait', 'Lao People’s Democratic Republic', 'Latvia', 'Lebanon', 'Lithuania', 'Luxembourg',
  'Madagascar', 'Malaysia', 'Maldives', 'Malta', 'Mexico', 'Monaco', 'Mongolia', 'Morocco', 'Mozambique', 'Namibia',
  'Nepal', 'Netherlands', 'New Zealand', 'Nigeria', 'Norway', 'Oman', 'Pakistan', 'Panama', 'Peru', 'Philippines',
  'Poland', 'Portugal', 'Qatar', 'Réunion', 'Romania', 'Rwanda', 'Samoa', 'Saudi Arabia', 'Senegal', 'Singapore',
  'Slovenia', 'South Africa', 'Spain', 'Sri Lanka', 'Sweden', 'Switzerland', 'Tanzania', 'Thailand', 'Tonga', 'Tunisia',
  'Turkey', 'Uganda', 'Ukraine', 'United Arab Emirates', 'United Kingdom', 'United States of America', 'Uruguay',
  'Uzbekistan', 'Vanuatu', 'Vietnam', 'Wallis and Futuna', 'Yemen', 'Zambia', 'Zimbabwe',
  'Antarctica (the territory South of 60 deg S)', 'Bouvet Island (Bouvetoya)', 'Holy See (Vatican City State)',
  'Svalbard & Jan Mayen Islands', 'Åland Islands',
] as const;
